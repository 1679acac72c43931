"""Dates as people write them: in figures, with the month's name, the day or the month or the year first."""

# ruff: noqa: RUF001 - words of many scripts
from __future__ import annotations

import re
from typing import Final

from convqa_sdk.redaction.rule import Span

_MONTHS = (
    "january february march april may june july august september october november december "
    "jan feb mar apr jun jul aug sep sept oct nov dec januar februar märz marz maerz mai juni juli oktober dezember "
    "jän jänner okt dez janvier février fevrier mars avril juin juillet août aout septembre octobre novembre décembre "
    "decembre enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre "
    "gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre janeiro fevereiro março marco maio junho "
    "julho setembro outubro novembro dezembro januari februari maart mei augustus oktober december maj augusti "
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września wrzesnia października pazdziernika listopada "
    "grudnia tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta "
    "marraskuuta joulukuuta ocak şubat subat mart nisan mayıs mayis haziran temmuz ağustos agustos eylül eylul ekim "
    "kasım kasim aralık aralik января февраля марта апреля мая июня июля августа сентября октября ноября декабря"
)
_MONTH = "|".join(sorted(set(_MONTHS.split()), key=len, reverse=True))
_SEPARATOR = "(?:[./\\-\u5e74\u6708]| |\\. |, | ?/ ?)"
_FIGURES: Final = re.compile(
    f"(?:[0-9]{{4}}{_SEPARATOR}[0-9]{{1,2}}{_SEPARATOR}[0-9]{{1,2}}"
    f"|[0-9]{{1,2}}{_SEPARATOR}[0-9]{{1,2}}{_SEPARATOR}[0-9]{{2,4}}|[0-9]{{8}})"
)
_DAY_FIRST: Final = re.compile(
    f"[0-9]{{1,2}}(?:st|nd|rd|th|er|º|ª|\\.|-)?[ \\-./\n]{{0,2}}(?:of |de |da |di |d')?"
    f"(?:{_MONTH})\\.?[ ,\\-./\n]{{0,2}}(?:of |de |del |do )?[0-9]{{2,4}}"
)
_MONTH_FIRST: Final = re.compile(f"(?:{_MONTH})\\.?[ \\-]{{1,2}}[0-9]{{1,2}}(?:st|nd|rd|th)?[ ,\\-]{{1,2}}[0-9]{{2,4}}")
_YEAR_FIRST: Final = re.compile(f"[0-9]{{4}}[ .,\\-/]{{1,2}}(?:{_MONTH})[ .,\\-/]{{1,2}}[0-9]{{1,2}}")
_GOES_ON: Final = re.compile("[ .\\-/]?[0-9]")
_LONGEST: Final = 40
_LONGEST_MONTH: Final = 16


def date_span(text: str, start: int) -> Span | None:
    """Return the span of the date whose first figure stands at an offset, None when there is none.

    A month's name in front of the figure belongs to the date.
    """
    part = text[start : start + _LONGEST].lower()
    if len(part) == len(text[start : start + _LONGEST]):
        for pattern in (_YEAR_FIRST, _DAY_FIRST, _FIGURES):
            match = pattern.match(part)
            if match is not None and not _GOES_ON.match(part, match.end()):
                return (start, start + match.end()) if _plausible(match.group()) else None
    head = text[max(0, start - _LONGEST_MONTH) : start].lower()
    for month in re.finditer("[^\\W\\d_]+\\.?[ \\-]{1,2}$", head):
        begin = start - (len(head) - month.start())
        match = _MONTH_FIRST.match(text[begin : start + _LONGEST].lower())
        if match is not None:
            return begin, begin + match.end()
    return None


def _plausible(date: str) -> bool:
    """Tell whether figures can be day, month and year in some order."""
    figures = [int(figure) for figure in re.findall("[0-9]+", date)]
    if len(figures) == 1:
        year, month, day = figures[0] // 10_000, figures[0] // 100 % 100, figures[0] % 100
        other = figures[0] % 10_000
        return (1900 <= year <= 2100 and 1 <= month <= 12 and 1 <= day <= 31) or 1900 <= other <= 2100
    if len(figures) == 2:
        return 1 <= min(figures) <= 31 or min(figures) == 0
    small = figures[1:] if figures[0] > 31 else figures[:2]
    return 1 <= min(small) <= 12 and max(small) <= 31
