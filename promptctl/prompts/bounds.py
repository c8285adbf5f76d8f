"""A template's syntax tree, with the budget put between it and what Jinja compiles to plain Python.

Imported by sandbox.py alone; it shares its price (Jinja).
"""
# ruff: noqa: N802 - Jinja's visitor dispatches on these names

from typing import cast

from jinja2 import nodes
from jinja2.visitor import NodeTransformer


class Bounds(NodeTransformer):
    """Puts the budget between a template and what Jinja compiles to plain Python: loops, `~`, literals, comparisons."""

    def visit_For(self, node: nodes.For) -> nodes.Node:
        self.generic_visit(node)
        node.iter = _filtered(cast("nodes.Expr", node.iter), "%rounds")
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        self.generic_visit(node)
        return _filtered(nodes.List(node.nodes, lineno=node.lineno), "%joined")

    def visit_List(self, node: nodes.List) -> nodes.Node:
        self.generic_visit(node)
        return _filtered(node, "%admitted")

    def visit_Dict(self, node: nodes.Dict) -> nodes.Node:
        self.generic_visit(node)
        return _filtered(node, "%admitted")

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:
        self.generic_visit(node)
        return _filtered(node, "%admitted") if node.ctx == "load" else node

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:
        self.generic_visit(node)
        node.expr = _filtered(node.expr, "%weighed")
        for operand in node.ops:
            operand.expr = _filtered(operand.expr, "%weighed")
        return node

    def visit_Name(self, node: nodes.Name) -> nodes.Node:
        # `self` is Jinja's handle on the template object.
        return _refusal("self", node.lineno) if node.name == "self" and node.ctx == "load" else node

    def visit_ScopedEvalContextModifier(self, node: nodes.ScopedEvalContextModifier) -> nodes.Node:
        return nodes.Output([_refusal("autoescape", node.lineno)], lineno=node.lineno)


def _filtered(node: nodes.Expr, name: str) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)


def _refusal(what: str, line: int) -> nodes.Filter:
    return _filtered(nodes.Const(what, lineno=line), "%refused")


def single_expression(tree: nodes.Template) -> nodes.Expr | None:
    """The expression that a template consists of, if it is one and nothing else."""
    if len(tree.body) != 1 or not isinstance(tree.body[0], nodes.Output):
        return None
    parts = tree.body[0].nodes
    return None if len(parts) != 1 or isinstance(parts[0], nodes.TemplateData) else parts[0]
