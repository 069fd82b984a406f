"""The small wrong changes that can be made to a C file, from clang's syntax tree (libclang 14).

A change keeps its line, and compiles in most cases; one that does not is no mutant. What stands in
a macro, an assertion among them, is left alone.
"""

import os

from clang.cindex import Config, CursorKind, Index, TranslationUnit

_RELATIONS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
_ARITHMETIC = {"+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "+=": "-=", "-=": "+=", "<<": ">>", ">>": "<<"}
_LOGIC = {"&&": "||", "||": "&&", "&": "|", "|": "&", "^": "&", "|=": "&=", "&=": "|="}
_BINARY = (("relation", _RELATIONS), ("arithmetic", _ARITHMETIC), ("logic", _LOGIC))
_CONDITIONED = {CursorKind.IF_STMT: 0, CursorKind.WHILE_STMT: 0, CursorKind.CONDITIONAL_OPERATOR: 0, CursorKind.DO_STMT: 1}
_COMPARISONS = ("strcmp", "strncmp", "memcmp")
_JUMPS = (CursorKind.RETURN_STMT, CursorKind.GOTO_STMT, CursorKind.BREAK_STMT, CursorKind.CONTINUE_STMT)

# In the order of the page.
OPERATORS = {
    "statement": "a statement is left out",
    "check": "an `if` that leaves is left out",
    "condition": "a condition is negated",
    "relation": "a relation takes its limit in, or leaves it out; equal and unequal",
    "arithmetic": "an arithmetic operator is another",
    "logic": "a logical or bitwise operator is another",
    "constant": "a number is one more; true is false",
    "result": "what is returned is success instead of an error, or the other truth",
    "arguments": "two arguments that lie side by side change places",
    "order": "two statements with calls that follow each other change places",
}


class Mutant:
    """A change of one place of one file: `old` at byte `start` becomes `new`."""

    def __init__(self, file, function, operator, start, old, new, line):
        self.file = file
        self.function = function
        self.operator = operator
        self.start = start
        self.old = old
        self.new = new
        self.line = line
        self.nth = 0

    def key(self):
        """What names it as long as the function stays as it is: no line, no column."""
        return "\t".join((self.file, self.function, self.operator, str(self.nth), one_line(self.old), one_line(self.new)))

    def apply(self, source):
        """The bytes of the whole file with the change in them."""
        old = self.old.encode()
        if source[self.start : self.start + len(old)] != old:
            raise ValueError(f"{self.file}:{self.line}: the source has changed")
        return source[: self.start] + self.new.encode() + source[self.start + len(old) :]


def one_line(text):
    """A text of several lines as one."""
    return " ".join(text.split())


class _Finder:
    def __init__(self, unit, path, name):
        self.unit = unit
        self.path = path
        self.name = name
        with open(path, "rb") as file:
            self.source = file.read()
        self.found = []
        self.function = ""
        self.macros = sorted(
            (cursor.extent.start.offset, cursor.extent.end.offset)
            for cursor in unit.cursor.get_children()
            if cursor.kind == CursorKind.MACRO_INSTANTIATION and self.is_here(cursor)
        )

    def is_here(self, cursor):
        file = cursor.location.file
        return file is not None and os.path.samefile(file.name, self.path)

    def is_in_macro(self, start, end):
        return any(start < last and first < end for first, last in self.macros)

    def text(self, start, end):
        return self.source[start:end].decode()

    def add(self, operator, start, end, new):
        old = self.text(start, end)
        if start < end and old != new and not self.is_in_macro(start, end):
            line = self.source.count(b"\n", 0, start) + 1
            self.found.append(Mutant(self.name, self.function, operator, start, old, new, line))

    def walk(self, cursor):
        for child in cursor.get_children():
            self.visit(child)
            self.walk(child)

    def visit(self, cursor):
        kind = cursor.kind
        if kind == CursorKind.COMPOUND_STMT:
            self.visit_block(cursor)
        if kind in _CONDITIONED:
            self.visit_condition(cursor)
        if kind == CursorKind.FOR_STMT:
            self.visit_for(cursor)
        if kind in (CursorKind.BINARY_OPERATOR, CursorKind.COMPOUND_ASSIGNMENT_OPERATOR):
            self.visit_binary(cursor)
        if kind == CursorKind.INTEGER_LITERAL:
            start, end = span(cursor)
            text = self.text(start, end)
            self.add("constant", start, end, "0" if text == "1" else "1" if text == "0" else f"({text} + 1)")
        if kind == CursorKind.RETURN_STMT:
            self.visit_return(cursor)
        if kind == CursorKind.CALL_EXPR:
            self.visit_call(cursor)

    def visit_block(self, block):
        statements = list(block.get_children())
        for i, statement in enumerate(statements):
            start, end = span(statement)
            if statement.kind == CursorKind.IF_STMT and self.leaves(statement):
                self.add("check", start, end, ";")
            if not is_simple(statement):
                continue
            semicolon = self.semicolon(end)
            if not self.falls_to_break(statement, semicolon):
                self.add("statement", start, semicolon, ";")
            if i + 1 < len(statements) and has_call(statement) and has_call(statements[i + 1]):
                self.swap_statements(start, semicolon, statements[i + 1])

    def falls_to_break(self, statement, semicolon):
        """Whether it is the `break` before a `default` that does nothing but break."""
        after = "".join(self.source[semicolon : semicolon + 80].decode(errors="replace").split())
        return statement.kind == CursorKind.BREAK_STMT and after.startswith("default:break;")

    def swap_statements(self, start, semicolon, after):
        second, end = span(after)
        end = self.semicolon(end)
        between = self.text(semicolon, second)
        self.add("order", start, end, self.text(second, end) + between + self.text(start, semicolon))

    def semicolon(self, end):
        at = self.source.find(b";", end)
        return at + 1 if at >= 0 and not self.source[end:at].strip() else end

    @staticmethod
    def leaves(statement):
        parts = list(statement.get_children())
        if len(parts) != 2:
            return False
        body = parts[1]
        inner = list(body.get_children()) if body.kind == CursorKind.COMPOUND_STMT else [body]
        return bool(inner) and inner[-1].kind in _JUMPS

    def visit_condition(self, cursor):
        parts = list(cursor.get_children())
        self.negate(parts[_CONDITIONED[cursor.kind]])

    def visit_for(self, cursor):
        # Its parts may be absent, and libclang does not say which is which: the text does.
        for part in cursor.get_children():
            start, end = span(part)
            if self.source[end : end + 1] == b";" and is_truth(part):
                self.negate(part)

    def negate(self, condition):
        start, end = span(condition)
        if not self.is_equality(condition):
            self.add("condition", start, end, f"!({self.text(start, end)})")

    def is_equality(self, expression):
        """Whether it is `a == b` or `a != b`, of which the operator `relation` makes the contrary."""
        parts = list(expression.get_children())
        if expression.kind != CursorKind.BINARY_OPERATOR or len(parts) != 2:
            return False
        return self.text(span(parts[0])[1], span(parts[1])[0]).strip() in ("==", "!=")

    def visit_binary(self, cursor):
        parts = list(cursor.get_children())
        if len(parts) != 2:
            return
        start, end = span(parts[0])[1], span(parts[1])[0]
        gap = self.text(start, end)
        token = gap.strip().strip("()").strip()
        for operator, others in _BINARY:
            if token in others:
                at = start + gap.encode().find(token.encode())
                self.add(operator, at, at + len(token), others[token])

    def visit_return(self, cursor):
        parts = list(cursor.get_children())
        if len(parts) != 1:
            return
        value = parts[0]
        start, end = span(value)
        text = self.text(start, end)
        type_name = value.type.spelling
        opposite = {"true": "false", "false": "true"}
        if text in opposite:
            # A macro of stdbool.h, and no other: it may be changed.
            line = self.source.count(b"\n", 0, start) + 1
            self.found.append(Mutant(self.name, self.function, "result", start, text, opposite[text], line))
        elif is_truth(value) and not self.is_equality(value):
            self.add("result", start, end, f"!({text})")
        elif "enum" in cursor_result(self.current).spelling or text.startswith("SQLITE_"):
            line = self.source.count(b"\n", 0, start) + 1
            new = f"({cursor_result(self.current).spelling})0" if text != "SQLITE_OK" else "SQLITE_ERROR"
            if text != new and type_name:
                self.found.append(Mutant(self.name, self.function, "result", start, text, new, line))

    def visit_call(self, cursor):
        arguments = list(cursor.get_arguments())
        if cursor.spelling in _COMPARISONS and self.source[span(cursor)[1] :].lstrip()[:2] in (b"==", b"!="):
            return  # It is asked for equality, and does not care.
        for one, two in zip(arguments, arguments[1:]):
            if one is None or two is None or one.type.get_canonical() != two.type.get_canonical():
                continue
            start, middle = span(one)
            second, end = span(two)
            if self.text(start, middle) != self.text(second, end):
                between = self.text(middle, second)
                self.add("arguments", start, end, self.text(second, end) + between + self.text(start, middle))

    def run(self):
        for cursor in self.unit.cursor.get_children():
            if cursor.kind == CursorKind.FUNCTION_DECL and cursor.is_definition() and self.is_here(cursor):
                self.function = cursor.spelling
                self.current = cursor
                self.walk(cursor)
        return self.found


def span(cursor):
    """First byte, and the byte behind the last one."""
    return cursor.extent.start.offset, cursor.extent.end.offset


def cursor_result(function):
    """The type that a function returns."""
    return function.result_type


def is_simple(statement):
    """Whether it is a call, an assignment, an increment or a jump, which may be left out."""
    return statement.kind in (
        CursorKind.CALL_EXPR,
        CursorKind.BINARY_OPERATOR,
        CursorKind.COMPOUND_ASSIGNMENT_OPERATOR,
        CursorKind.UNARY_OPERATOR,
        CursorKind.BREAK_STMT,
        CursorKind.CONTINUE_STMT,
    )


def has_call(statement):
    """Whether it is simple and calls a function."""
    calls = (cursor.kind == CursorKind.CALL_EXPR for cursor in statement.walk_preorder())
    return is_simple(statement) and statement.kind not in _JUMPS and any(calls)


def is_truth(expression):
    """Whether its type is a truth, or its operator gives one."""
    if expression.type.spelling in ("bool", "_Bool"):
        return True
    kinds = (CursorKind.BINARY_OPERATOR, CursorKind.PAREN_EXPR, CursorKind.UNEXPOSED_EXPR)
    if expression.kind not in kinds:
        return False
    return any(token.spelling in ("<", "<=", ">", ">=", "==", "!=", "&&", "||", "!") for token in expression.get_tokens())


def mutants_of(path, name, arguments):
    """The mutants of the file at `path`, which is called `name`, in the order of the file."""
    options = TranslationUnit.PARSE_DETAILED_PROCESSING_RECORD
    unit = Index.create().parse(path, args=arguments, options=options)
    wrong = [str(d) for d in unit.diagnostics if d.severity >= 3]
    if wrong:
        raise ValueError(wrong[0])
    found = sorted(_Finder(unit, path, name).run(), key=lambda mutant: (mutant.start, mutant.operator, mutant.new))
    seen = {}
    unique = {}
    for mutant in found:
        unique.setdefault((mutant.start, mutant.old, mutant.new), mutant)
    for mutant in unique.values():
        same = (mutant.function, mutant.operator, one_line(mutant.old), one_line(mutant.new))
        mutant.nth = seen.get(same, 0)
        seen[same] = mutant.nth + 1
    return list(unique.values())


__all__ = ["OPERATORS", "Config", "Mutant", "mutants_of", "one_line"]
