"""What can be changed in a file of ours, one small thing at a time; mutmut says what. See `changing.py`."""

import ast
import re
from collections.abc import Iterator
from types import CodeType

import libcst
from libcst.metadata import MetadataWrapper
from mutmut.mutation.file_mutation import NEVER_MUTATE_FUNCTION_NAMES, MutationVisitor
from mutmut.mutation.mutators import mutation_operators
from mutmut.mutation.pragma_handling import IgnoredCode

GUARDING = re.compile(r"[=!<>]=|[<>]|\b(?:if|elif|while|assert|match|case|not|and|or|is)\b|verif|compare_digest")


class Visitor(MutationVisitor):
    """mutmut's, which may also look into functions with a decorator: we change their code, not their names."""

    def _skip_node_and_children(self, node: libcst.CSTNode) -> bool:
        if isinstance(node, libcst.FunctionDef):
            return node.name.value in NEVER_MUTATE_FUNCTION_NAMES
        return isinstance(node, libcst.Param) or super()._skip_node_and_children(node)


def lines_of(source: str, *kinds: type[ast.stmt]) -> set[int]:
    """The lines of all statements of these kinds."""
    return {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, kinds) and node.end_lineno is not None
        for line in range(node.lineno, node.end_lineno + 1)
    }


def changed(source: str) -> Iterator[tuple[int, str, str, str]]:
    """Each small change in a function, as what `difference` tells of it and the changed source; but none in the
    sentence of a `raise`, for that guards nothing."""
    visitor = Visitor(mutation_operators, IgnoredCode(set(), set(), lines_of(source, ast.Raise)))
    in_functions = lines_of(source, ast.FunctionDef, ast.AsyncFunctionDef)
    module = MetadataWrapper(libcst.parse_module(source)).visit(visitor)
    seen = {source}
    for mutation in visitor.mutations:
        if mutation.contained_by_top_level_function is None:
            continue
        new = module.deep_replace(mutation.original_node, mutation.mutated_node).code  # type: ignore[attr-defined] # a module
        line, was, now = difference(source, new)
        if new not in seen and line in in_functions:
            seen.add(new)
            yield line, was, now, new


def guards(lines: str) -> bool:
    """Whether something is compared, decided or verified in these lines."""
    return GUARDING.search(lines) is not None


def difference(old: str, new: str) -> tuple[int, str, str]:
    """Where the two begin to differ (the first line is 1), and the lines of each up to where they are alike again."""
    before, after = old.splitlines(), new.splitlines()
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return start + 1, *(" ".join(line.strip() for line in lines[start : len(lines) - end]) for lines in (before, after))  # type: ignore[return-value] # two of them


def codes(whole: CodeType) -> list[CodeType]:
    """The functions and methods of a module, as they stand in it; not those within functions."""
    inner = [one for one in whole.co_consts if isinstance(one, CodeType)]
    return [
        found
        for one in inner
        for found in (codes(one) if not one.co_flags & 2 else [one])  # 2: a function; a class has it not
    ]
