"""Variables against the stored inputs: PL101 undefined, PL102 unused, PL103 shadowed, PL104 and PL106 not rendered."""

from collections.abc import Iterator

from promptctl.documents import printable
from promptctl.prompts.analysis import TemplateProblem, analyse, refusals, required_variables, templates
from promptctl.prompts.analysis import variables as used_variables
from promptctl.prompts.lint.facts import Facts, InputFacts
from promptctl.prompts.lint.finding import Finding, Place
from promptctl.prompts.lint.places import Places
from promptctl.prompts.prompt import LITERAL, Prompt


def findings(prompt: Prompt, facts: Facts, places: Places) -> Iterator[Finding]:
    """What the templates need and what the inputs give, held against each other."""
    for refusal in refusals(prompt):
        yield Finding("PL106", places.whole(), f"{printable(refusal)}: it cannot be rendered here.", _RENDER)
    used = used_variables(prompt)
    undefined = _undefined(prompt, facts)
    yield from _undefined_findings(undefined, prompt, facts, places)
    shadowed = _shadowed(prompt, facts)
    for name in sorted(shadowed):
        message = f"the template sets '{_shown(name)}' itself, which hides the variable of that name."
        yield Finding("PL103", places.word(name), message, "Rename one of them.")
    yield from _unused(prompt, facts, places, used | shadowed)
    if facts.inputs is not None:
        yield from _unrendered(facts.inputs, undefined, refused=bool(refusals(prompt)))


_RENDER = "Use what Jinja itself has, or give the value as a variable."


def _undefined(prompt: Prompt, facts: Facts) -> frozenset[str]:
    """Needed, and given by no input; without inputs: needed, while the prompt declares others."""
    needed = required_variables(prompt)
    if facts.inputs is not None:
        return needed - facts.inputs.lines.keys()
    return needed - prompt.variables.keys() if prompt.variables else frozenset()


def _undefined_findings(names: frozenset[str], prompt: Prompt, facts: Facts, places: Places) -> Iterator[Finding]:
    for name in sorted(names):
        known = sorted(facts.inputs.lines) if facts.inputs is not None else sorted(prompt.variables)
        near = _near(name, [one for one in known if one not in used_variables(prompt)])
        if facts.inputs is not None:
            message = f"variable '{_shown(name)}' is given by no stored input of {facts.inputs.path}."
            hint = near or "Add it to the inputs, or give it a default under 'variables'."
        else:
            message = f"variable '{_shown(name)}' is not declared under 'variables'."
            hint = near or "Declare it, or store inputs that give it."
        yield Finding("PL101", places.word(name), message, hint)


def _unused(prompt: Prompt, facts: Facts, places: Places, used: frozenset[str]) -> Iterator[Finding]:
    for name in sorted(prompt.variables.keys() - used - facts.asserted):
        where = places.key("variables", name) or places.key(name) or places.whole()
        yield Finding("PL102", where, f"variable '{_shown(name)}' is declared and never used.", "Use it or remove it.")
    if facts.inputs is None or facts.code:
        return
    for name, line in sorted(facts.inputs.lines.items()):
        if name in used or name in facts.asserted or name in facts.inputs.asserted or name in prompt.variables:
            continue
        message = f"variable '{_shown(name)}' is stored, and neither the prompt nor its assertions use it."
        near = _near(name, sorted(required_variables(prompt) - facts.inputs.lines.keys()))
        yield Finding("PL102", Place(facts.inputs.path, line), message, near or "Use it, or remove it from the inputs.")


def _shadowed(prompt: Prompt, facts: Facts) -> frozenset[str]:
    """Given, and set by a template that does not look it up: `{% set name = name | trim %}` hides nothing."""
    given = set(prompt.variables) | (set(facts.inputs.lines) if facts.inputs is not None else set())
    bound: set[str] = set()
    for text, language in [*templates(prompt), *((text, prompt.language) for text in prompt.partials.values())]:
        if language == LITERAL:
            continue
        try:
            found = analyse(text, language)
        except TemplateProblem:
            continue
        bound |= found.bound - found.variables
    return frozenset(bound & given)


def _unrendered(inputs: InputFacts, undefined: frozenset[str], *, refused: bool) -> Iterator[Finding]:
    """Each input that fails for a reason of its own; what no input can give, or no template do, is said once above."""
    own = [one for one in inputs.failures if one.variable not in undefined]
    if refused and len(own) == inputs.count:
        return
    for failure in own:
        message = f"input '{printable(failure.id)}' cannot be rendered: {printable(failure.reason, limit=200)}."
        hint = f"Give it '{_shown(failure.variable)}', or the variable a default." if failure.variable else "Mend it."
        yield Finding("PL104", Place(inputs.path, failure.line), message, hint)
    more = inputs.failed - len(inputs.failures)
    if more and own:
        yield Finding("PL104", Place(inputs.path), f"{more:,} more inputs cannot be rendered.", "Mend these first.")


def _near(name: str, known: list[str]) -> str:
    import difflib  # 4 ms: only a finding pays it

    found = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"Did you mean '{_shown(found[0])}'?" if found else ""


def _shown(name: str | None) -> str:
    return printable(name or "")
