"""Rules for templates of every channel."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping

from gateway.core.model import Channel
from gateway.rendering.environment import OF_FOLDER, ROOTS
from gateway.rendering.findings import Problem, Written
from gateway.rendering.payloads import has_code
from gateway.rendering.variables import Use, absent


def no_code(template: Written, shown: Mapping[str, str]) -> Iterator[Problem]:
    """``shown``: the texts that must have it, by what they are called."""
    code = template.code
    if not has_code(template.usage_type) or code is None:
        return
    for part, text in shown.items():
        if code not in text:
            yield 1, f"{part} of type {template.usage_type} must show the code: put {{{{ code }}}} into it"


def unknown_variable(template: Written) -> Iterator[Problem]:
    known = _known(template)
    for use in template.first_uses():
        if use.root not in known:
            near = difflib.get_close_matches(use.root, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            yield use.line, f"{use.path}: there is no variable {use.root}; {hint}"


def missing_variable(template: Written, travels: Callable[[Use], bool] = lambda _: True) -> Iterator[Problem]:
    """``travels``: does what is used there reach the text at all?"""
    known = _known(template)
    for use in template.first_uses():
        said_already = use.path == "code" and has_code(template.usage_type)
        gap = absent(use.path, template.payload)
        of_folder = template.channel is Channel.EMAIL and use.root in OF_FOLDER
        if gap is None or use.guarded or use.root not in known or said_already or of_folder or not travels(use):
            continue
        part, beside = gap
        near = difflib.get_close_matches(part, beside, 1)
        hint = f"did you mean {near[0]}?" if near else f"say what comes then: {{% if {use.path} %}}"
        yield use.line, f"{use.path} is empty: the payload of {template.usage_type} has no {part}; {hint}"


def _known(template: Written) -> list[str]:
    of_folder = OF_FOLDER if template.channel is Channel.EMAIL else ()
    return sorted({*ROOTS, *of_folder, *template.payload})


def fallback(template: Written) -> Iterator[Problem]:
    wanted, served = template.locale, template.served
    if wanted is not None and not served.lower().startswith(wanted.lower().partition("-")[0]):
        yield 1, f"there is no template for {wanted}: this is {served}; write one in {template.channel}/{wanted}/"


def generic(template: Written) -> Iterator[Problem]:
    if template.used is not template.usage_type:
        other = f"this is {template.used}.j2; write one if its words are wrong"
        yield 1, f"there is no {template.usage_type}.j2 for {template.served}: {other}"
