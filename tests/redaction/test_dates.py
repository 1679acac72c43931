"""Dates as people write them."""

from __future__ import annotations

import calendar
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa_sdk.redaction import detect
from convqa_sdk.redaction.dates import date_span

from .planted import any_text

birthdays = st.dates(dt.date(1920, 1, 1), dt.date(2015, 12, 31))

FIGURES = ["%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d", "%d.%m.%Y", "%d-%m-%Y", "%d. %m. %Y", "%d / %m / %Y", "%d %m %Y",
           "%Y%m%d", "%d/%m/%y", "%Y/%m/%d", "%Y.%m.%d", "%d%m%Y", "%Y年%m月%d"]  # fmt: skip
NAMED = ["%d %B %Y", "%B %d, %Y", "%d %b %Y", "%b %d %Y", "%d-%b-%Y", "%d of %B %Y", "%B %dth, %Y", "%d. %B %Y",
         "%d%b%Y", "%Y %B %d", "%Y-%b-%d", "%d/%b/%y", "%d %B, %Y"]  # fmt: skip
BORN = ["born on", "date of birth:", "DOB", "geboren am", "Geburtsdatum:", "né le", "née le", "date de naissance :",
        "nacido el", "fecha de nacimiento", "nata il", "data di nascita", "nascido em", "geboren op", "urodzona",
        "data urodzenia", "född", "syntynyt", "doğum tarihi", "дата рождения", "birthday is"]  # fmt: skip
MONTHS = {
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "tr": "Ocak Şubat Mart Nisan May\u0131s Haziran Temmuz Ağustos Eylül Ekim Kas\u0131m Aral\u0131k",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
}


def found(text: str) -> list[tuple[str, str]]:
    """Return the values and labels that are found in a text."""
    return [(text[start:end], label) for start, end, label in detect(text)]


@pytest.mark.parametrize("form", FIGURES + NAMED)
@given(birthdays, st.sampled_from(BORN))
def test_a_date_behind_a_word_for_birth_is_found_whole(form: str, day: dt.date, word: str) -> None:
    """Every order of day, month and year, in figures or with the month's name, from its first to its last character."""
    written = day.strftime(form)
    assert found(f"{word} {written} thanks") == [(written, "DATE_OF_BIRTH")]


@pytest.mark.parametrize("language", MONTHS)
@pytest.mark.parametrize("form", ["{day} {month} {year}", "{day}. {month} {year}", "{day} de {month} de {year}"])
@pytest.mark.parametrize("number", range(1, 13))
def test_months_of_many_languages_are_names_of_months(language: str, form: str, number: int) -> None:
    """All twelve months of ten languages, in small letters, as written, and in capitals."""
    month = MONTHS[language].split()[number - 1]
    for spelling in (month, month.lower(), month.title()):
        written = form.format(day=12, month=spelling, year=1984)
        assert found(f"DOB: {written}") == [(written, "DATE_OF_BIRTH")]


@given(birthdays, st.sampled_from(FIGURES[:6]), st.sampled_from(["", "delivered on ", "Termin am ", "rendez-vous le "]))
def test_a_date_without_a_word_for_birth_stays(day: dt.date, form: str, before: str) -> None:
    """Deliveries and appointments have dates too."""
    assert found(f"{before}{day.strftime(form)} please") == []


@pytest.mark.parametrize("text", ["45.45.1984", "00-00", "12.5", "1984", "31/13/20x", "12/05", "10:30", "1.2.3.4.5"])
def test_figures_that_are_no_date_are_none(text: str) -> None:
    """A day above 31 with a month above 12, times and versions are no dates."""
    assert date_span(text, 0) is None


@given(any_text, st.integers(0, 80))
def test_any_text_gives_a_span_inside_it_or_none(text: str, start: int) -> None:
    """No text makes the search raise, and a span holds the place that was asked for."""
    span = date_span(text, min(start, len(text)))
    assert span is None or 0 <= span[0] <= min(start, len(text)) < span[1] <= len(text)


def test_english_months_are_those_of_the_standard_library() -> None:
    """`calendar` names the same twelve, long and short."""
    for name in [*calendar.month_name[1:], *calendar.month_abbr[1:]]:
        assert date_span(f"12 {name} 1984", 0) == (0, len(f"12 {name} 1984"))
