"""How long files and functions may become. `python -m tests.architecture.test_sizes` prints the longest."""

from tests.architecture.sources import Modules, functions, house, planted

MOST_LINES = 400
MOST_OF_A_FUNCTION = 50


def files_over(modules: Modules, most: int = MOST_LINES) -> list[str]:
    """Return files longer than `most` lines."""
    return [f"{name}: {lines}" for name, lines in file_sizes(modules) if lines > most]


def functions_over(modules: Modules, most: int = MOST_OF_A_FUNCTION) -> list[str]:
    """Return functions longer than `most` lines."""
    return [f"{name}: {lines}" for name, lines in function_sizes(modules) if lines > most]


def file_sizes(modules: Modules) -> list[tuple[str, int]]:
    """Return files with their lines, longest first."""
    return _longest({module.name: module.text.count("\n") for module in modules.values()})


def function_sizes(modules: Modules) -> list[tuple[str, int]]:
    """Return functions with their lines, longest first."""
    return _longest(
        {
            name: (function.end_lineno or 0) - function.lineno + 1
            for module in modules.values()
            for name, function in functions(module)
        }
    )


def _longest(sizes: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(sizes.items(), key=lambda one: (-one[1], one[0]))


def written_by_hand() -> Modules:
    """Return the house without migrations, which grow with every table."""
    return {name: module for name, module in house().items() if ".versions." not in name}


def test_no_file_is_longer_than_the_most() -> None:
    assert files_over(written_by_hand()) == []


def test_no_function_is_longer_than_the_most() -> None:
    assert functions_over(written_by_hand()) == []


def test_a_long_file_is_caught() -> None:
    assert files_over(planted(shared__long="x = 1\n" * 401)) == ["shared.long: 401"]


def test_a_long_function_is_caught() -> None:
    text = "def f():\n" + "    x = 1\n" * 50
    assert functions_over(planted(shared__long=text)) == ["shared/long.py:f: 51"]


def report() -> str:
    """Return the longest files and functions, for people."""
    longest = [*file_sizes(written_by_hand())[:15], *function_sizes(written_by_hand())[:15]]
    return "\n".join(f"{lines:5} {name}" for name, lines in longest)


if __name__ == "__main__":
    print(report())  # noqa: T201
