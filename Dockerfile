# One image for web, worker and every command: docs/deploy.md.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1

WORKDIR /app

COPY requirements/base.txt requirements/base.txt
RUN pip install --require-hashes -r requirements/base.txt

COPY . .
# The static files are collected while the image is made; these values are used for nothing else.
RUN SECRET_KEY=only-to-collect-static-files \
    FIELD_ENCRYPTION_KEYS=b25seS10by1jb2xsZWN0LXN0YXRpYy1maWxlcy0tLS0= \
    DATABASE_URL=sqlite://:memory: \
    python manage.py collectstatic --noinput

# The application owns var/ (the embedded database) and nothing else.
RUN useradd --system --uid 10001 --home-dir /app --no-create-home connector \
    && mkdir -p var && chown connector var
USER connector
VOLUME /app/var

ENV PORT=8000
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/health/live', timeout=4)"]
CMD ["gunicorn", "-c", "python:connector_site.gunicorn"]
