"""The look of the stand-ins' pages: one small stylesheet, forms that speak JSON, the board of faults.

Everything that comes from outside is escaped by `Markup.format`; scripts and styles stand in the page
itself and nothing else may be loaded.
"""

from collections.abc import Collection, Mapping
from typing import Any

from markupsafe import Markup
from werkzeug.wrappers import Response

from connections.sandbox.common import Faults

STYLE = Markup("""
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: #2563eb; }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1rem; max-width: 70rem; }
h1 { font-size: 1.3rem; margin: 0 0 .3rem; } h2 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; }
p { margin: .3rem 0; max-width: 65ch; }
section { border-top: 1px solid var(--line); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .7rem .35rem 0; }
tr + tr td { border-top: 1px solid var(--line); }
th { font-weight: 600; white-space: nowrap; } time { white-space: nowrap; }
pre { background: var(--soft); padding: .6rem; overflow: auto; max-height: 24rem; margin: .3rem 0;
  font: 13px/1.45 ui-monospace, monospace; border-radius: .3rem;
  white-space: pre-wrap; overflow-wrap: anywhere; }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
form { display: flex; flex-wrap: wrap; gap: .4rem; align-items: end; margin: .3rem 0; }
label { display: grid; font-size: .8rem; min-width: 0; }
input, select, button, textarea { font: inherit; padding: .3rem .5rem; border: 1px solid var(--line);
  border-radius: .3rem; background: transparent; color: inherit; max-width: 100%; }
button { background: var(--accent); border-color: var(--accent); color: #fff; cursor: pointer; }
button.quiet { background: transparent; color: inherit; border-color: var(--line); opacity: 1; }
details { margin: .2rem 0; }
summary { cursor: pointer; overflow-wrap: anywhere; }
.on { color: #c2410c; font-weight: 600; } .quiet { opacity: .75; }
.row { display: flex; flex-wrap: wrap; gap: .3rem; } .row form { margin: 0; }
@media (max-width: 40rem) {
  body { padding: .7rem; } label, input, select, textarea { width: 100%; }
  thead { display: none; }
  tr { display: block; padding: .4rem 0; } tr + tr { border-top: 1px solid var(--line); }
  td { display: grid; grid-template-columns: 7rem 1fr; padding: .1rem 0; overflow-wrap: anywhere; }
  tr + tr td { border: 0; } td::before { content: attr(data-label); font-size: .8rem; opacity: .75; }
}
""")

# A form with data-to is sent as JSON: `params.x` goes into params (read as JSON where it is JSON),
# data-pair="verdicts" makes {"verdicts": {key: value}} of the fields key and value, numbers are numbers.
SCRIPT = Markup("""
addEventListener('submit', async event => {
  const form = event.target;
  if (!form.dataset.to) return;
  event.preventDefault();
  const body = {};
  for (const field of form.querySelectorAll('[name]')) {
    const text = field.value;
    if (text === '' && !form.dataset.pair) continue;
    if (field.name.startsWith('params.')) {
      let value = text;
      try { value = JSON.parse(text); } catch { /* plain text */ }
      (body.params ??= {})[field.name.slice(7)] = value;
    } else body[field.name] = field.type === 'number' ? Number(text) : text;
  }
  const sent = form.dataset.pair ? {[form.dataset.pair]: {[body.key]: body.value || null}} : body;
  const answer = await fetch(form.dataset.to, {
    method: form.dataset.method || 'POST', headers: {'Content-Type': 'application/json'},
    body: form.dataset.method === 'DELETE' ? null : JSON.stringify(sent)});
  if (answer.ok) location.reload(); else alert((await answer.json()).message);
});
""")

PAGE = Markup(
    "<!doctype html><html lang=en><head><meta charset=utf-8>"
    "<meta name=viewport content='width=device-width, initial-scale=1'><title>{title}</title>"
    "<style>{style}</style></head><body><header><h1>{title}</h1>{intro}</header><main>{main}</main>"
    "<script>{script}</script></body></html>"
)
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'"


def page(title: str, intro: Markup, *sections: Markup) -> Response:
    """A whole page."""
    html = PAGE.format(title=title, style=STYLE, script=SCRIPT, intro=intro, main=Markup("").join(sections))
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store", "X-Frame-Options": "DENY"}
    return Response(html, headers=headers, content_type="text/html; charset=utf-8")


def section(heading: str, *parts: Markup) -> Markup:
    return Markup("<section><h2>{}</h2>{}</section>").format(heading, Markup("").join(parts))


def paragraph(text: str | Markup) -> Markup:
    return Markup("<p>{}</p>").format(text)


def table(headings: tuple[str, ...], rows: list[tuple[Any, ...]], *, empty: str) -> Markup:
    """Rows of cells, or the sentence `empty`. Wide tables scroll; on a phone each row becomes a card."""
    if not rows:
        return Markup("<p class=quiet>{}</p>").format(empty)
    head = Markup("").join(Markup("<th scope=col>{}").format(one) for one in headings)
    body = Markup("").join(
        Markup("<tr>{}").format(
            Markup("").join(
                Markup("<td data-label='{}'><div>{}</div>").format(*pair)
                for pair in zip(headings, row, strict=True)
            )
        )
        for row in rows
    )
    return Markup("<div class=wide><table><thead><tr>{}<tbody>{}</table></div>").format(head, body)


def side_by_side(*parts: Markup) -> Markup:
    """Parts side by side."""
    return Markup("<div class=row>{}</div>").format(Markup("").join(parts))


def form(
    to: str, label: str, *fields: Markup, method: str = "POST", pair: str = "", quiet: bool = False
) -> Markup:
    """A form that sends its fields as JSON to `to` and reloads the page."""
    return Markup(
        "<form data-to='{}' data-method='{}' data-pair='{}'>{}<button class='{}'>{}</button></form>"
    ).format(to, method, pair, Markup("").join(fields), "quiet" if quiet else "", label)


def text_field(name: str, label: str, value: Any = "", kind: str = "text", hint: str = "") -> Markup:
    return Markup("<label>{}<input name='{}' value='{}' type='{}' placeholder='{}' step=any></label>").format(
        label, name, value, kind, hint
    )


def hidden_field(name: str, value: str) -> Markup:
    return Markup("<input type=hidden name='{}' value='{}'>").format(name, value)


def choice_field(name: str, label: str, choices: Mapping[str, str], chosen: str = "") -> Markup:
    """A drop-down; `choices` maps what is sent to what is read."""
    options = Markup("").join(
        Markup("<option value='{}'{}>{}").format(value, Markup(" selected") if value == chosen else "", text)
        for value, text in choices.items()
    )
    return Markup("<label>{}<select name='{}'>{}</select></label>").format(label, name, options)


def when(moment: str) -> Markup:
    """A time in ISO 8601 as people read it, to the second."""
    return Markup("<time datetime='{}'>{}</time>").format(moment, moment[:19].replace("T", " "))


def content(payload: bytes, limit: int = 20_000) -> Markup:
    """A payload as text; segments of EDI stand on lines of their own."""
    text = payload[:limit].decode("latin-1")
    terminator = text[105:106] if text.startswith("ISA") else "'" if text.startswith(("UNA", "UNB")) else ""
    if terminator and "\n" not in text:
        text = text.replace(terminator, terminator + "\n")
    more = f"\n... {len(payload) - limit} more bytes" if len(payload) > limit else ""
    return Markup("<pre>{}</pre>").format(text + more)


def unfold(summary: str | Markup, inside: Markup) -> Markup:
    return Markup("<details><summary>{}</summary>{}</details>").format(summary, inside)


def fault_board(faults: Faults, leave_out: Collection[str] = ()) -> Markup:
    """A section with every switch: what it does, whether it is on, and a form to set or clear it."""
    shown = {name: switch for name, switch in faults.board().items() if name not in leave_out}
    return section("Faults", *(_switch(name, switch) for name, switch in shown.items()))


def _switch(name: str, switch: Mapping[str, Any]) -> Markup:
    fields = [
        text_field(f"params.{key}", key, hint="" if value is None else str(value))
        for key, value in switch["params"].items()
    ]
    times = text_field("times", "How often", kind="number", hint="until cleared")
    setting = form("/_sandbox/faults", "Set", hidden_field("name", name), *fields, times)
    armed = switch["armed"]
    if armed is None:
        return unfold(Markup("<code>{}</code> {}").format(name, switch["description"]), setting)
    state = Markup("<code>{}</code> <span class=on>on: {}</span> {}")
    clear = form(f"/_sandbox/faults/{name}", "Clear", method="DELETE", quiet=True)
    return unfold(state.format(name, _setting(armed), switch["description"]), setting + clear)


def _setting(armed: Mapping[str, Any]) -> str:
    times = "until cleared" if armed["times"] is None else f"{armed['times']} more"
    params = [f"{key}={value}" for key, value in armed["params"].items() if value is not None]
    return ", ".join([times, *params])
