"""A quarter with Stampli: every active bill delivered once, every payment reconciled or listed as different.

STAMPLI_QUARTER=1 plays the whole of it (3,000 bills of 400 vendors, 2,500 payments); without it, a thirtieth.
"""

import os
import sys
from decimal import Decimal

import pytest

from audit.models import StatusReport
from audit.reconciliation import Verdict
from tests.stampli.quarter import Quarter
from tests.stampli.world import World

PART = int(os.environ.get("STAMPLI_QUARTER", "30"))

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]


def test_a_quarter(world: World) -> None:
    quarter = Quarter(world, bills=3000 // PART, vendors=400 // PART, payments=2500 // PART)
    quarter.play()
    reconciled = quarter.reconciled()
    figures = quarter.figures(reconciled)
    sys.stdout.writelines(f"{name:50}{count:>8,}\n" for name, count in figures.items())

    assert figures["active bills that Stampli got once"] == figures["active bills"]
    assert figures["bills deleted before that Stampli got"] == figures["complaints of Stampli"] == 0
    assert figures["changed after delivery, waiting for a person"] == figures["edited after"]

    here = {line.row.here.id: line.row.here.amount for line in reconciled.lines if line.row.here}
    assert here == {str(one["id"]): Decimal(one["amount"]["amount"]) for one in quarter.paid.values()}
    there = [line.row.there.id for line in reconciled.lines if line.row.there]
    assert sorted(there) == sorted(
        StatusReport.unscoped.filter(about="payment").values_list("remote_id", flat=True)
    )
    assert len(reconciled.of(Verdict.MISSING_HERE)) == len(quarter.extra)
    for line in reconciled.of(Verdict.AMOUNT_DIFFERS):
        assert line.row.difference == -1
    assert all(line.row.difference == 0 for line in reconciled.of(Verdict.MATCHED))
    assert not StatusReport.unscoped.filter(delivery__isnull=True).exists()
