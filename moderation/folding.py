"""Finding blocked terms in a text however they are dressed up. Text and terms come in, the terms found go out.

A term is found as a whole word or as whole words in a row, never inside another word: « con » is not in « conseil ».
Before comparing, text and terms are folded alike: case, accents, ligatures, wide and ringed letters, look-alikes of
other alphabets and characters without width are gone. Then each word is read in the ways in which people hide one:

- digits and signs for letters (`c0nn@rd`), a star for a letter (`m*rde`), a letter drawn out (`meeerde`),
- letters or halves apart (`c o n n a r d`, `c.o.n.n.a.r.d`, `conn ard`),
- a plural or feminine ending (`connards`, `connasses`).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

# Letters of other alphabets that look like ours, and those that no accent can be taken off.
_TWINS = str.maketrans(
    {
        **dict(zip("авеіјкмнорсԛѕтухԝьѵп", "abeijkmhopcqstyxwbvn", strict=True)),
        **dict(zip("αβεηικμνορτυχω", "abenikmvoptuxw", strict=True)),
        **dict(zip("ɑɡıłøđħĸŋɛɔ", "agilodhkneo", strict=True)),
        "œ": "oe",
        "æ": "ae",
        "þ": "th",
    }
)
# Digits and signs that stand for letters. A one is an i to some and an l to others.
_LEET = str.maketrans("0345789@$€!|+£¢", "oeastbgaseiitlc")
_ONES = (str.maketrans("1!|", "iii"), str.maketrans("1!|", "lll"))
_MONEY = "@$€£¢"
_SIGNS = re.escape("@$€!|+£¢*")

_WORD = re.compile(r"[^\W_]+")
_CHUNK = re.compile(rf"[{_SIGNS}]{{0,3}}[^\W_]+(?:[{_SIGNS}]+[^\W_]+)*[@$€£¢]{{0,2}}")
_DRAWN_OUT = re.compile(r"(\w)\1{2,}")
_TWICE = re.compile(r"(\w)\1+")
# Letters that stand one by one.
_LETTER = r"[^\W_]|[@$€£¢]"
_APART = re.compile(rf"(?<![^\W_])(?:{_LETTER})(?:[\s.\-_*,;:/|·•'’]{{1,3}}(?:{_LETTER})(?![^\W_])){{2,}}")
_LETTERS = re.compile(_LETTER)
# Halves of one word, written as two: shorter words are joined to honest ones by chance, as is a plural to a short term.
_LONG = 6
_SHORT = 3
# Letters that must be seen beside the stars.
_SEEN = 2
_ENDINGS = ("e", "es", "se", "sse", "sses", "ses", "eur", "eurs")


def fold(text: str) -> str:
    """Return a text in small Latin letters without accents, look-alikes and characters that nobody sees."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    seen = (letter for letter in plain if unicodedata.category(letter) not in {"Mn", "Me", "Cf"})
    return "".join(seen).translate(_TWINS)


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text, folded."""
    return tuple(_WORD.findall(fold(text)))


@dataclass(frozen=True)
class Term:
    """A blocked term as it was typed; `language` is `fr` or `en` where it is an honest word of the other one."""

    typed: str
    language: str = ""

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Its words, folded."""
        return words_of(self.typed)

    @cached_property
    def joined(self) -> str:
        """Its words, folded, without what stands between them."""
        return "".join(self.words)


def readings(chunk: str, *, after_a_word: bool = False) -> set[str]:
    """Return what one folded word may stand for; digits alone are a number, unless a term has begun before them."""
    found = {chunk}
    is_disguised = after_a_word or any(letter.isalpha() or letter in _MONEY for letter in chunk)
    if is_disguised and not chunk.isalpha():
        for ones in _ONES:
            plain = chunk.translate(ones).translate(_LEET)
            found.add("".join(letter for letter in plain if letter.isalnum() or letter == "*"))
    for word in tuple(found):
        if _DRAWN_OUT.search(word):
            found |= {_DRAWN_OUT.sub(r"\1", word), _DRAWN_OUT.sub(r"\1\1", word)}
    return found


def stems(word: str) -> Iterator[str]:
    """Give a word, and what is left of it without an ending."""
    yield word
    if len(word) > _SHORT and word[-1] in "sx":
        yield word[:-1]
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) > _SHORT:
            yield word[: -len(ending)]


class Matcher:
    """The terms of a town, ready to be looked for."""

    def __init__(self, terms: Iterable[Term]) -> None:
        """Sort the terms by how they are compared."""
        known = [term for term in terms if term.words]
        single = [term for term in known if len(term.words) == 1]
        self.whole = {term.words: term for term in known}
        self.beginnings = {term.words[:end] for term in known for end in range(1, len(term.words))}
        self.single = {term.joined: term for term in single}
        self.run_together = {term.joined: term for term in known if len(term.words) > 1}
        self.squeezed = {_TWICE.sub(r"\1", term.joined): term for term in single}

    def found(self, text: str) -> list[Term]:
        """Return the terms that a text holds, each once."""
        if not self.whole:
            return []
        folded = fold(text)
        chunks = _CHUNK.findall(folded)
        hits = [*self._in_a_row(chunks), *self._dressed_up(chunks), *self._put_apart(folded)]
        return list(dict.fromkeys(hits))

    def _in_a_row(self, chunks: list[str]) -> Iterator[Term]:
        """Find words as they stand, with signs for letters, or run together."""
        # The beginnings of longer terms that the words so far may be.
        begun: set[tuple[str, ...]] = set()
        for chunk in chunks:
            rows: set[tuple[str, ...]] = {(word,) for word in readings(chunk)}
            rows |= {(*before, word) for before in begun for word in readings(chunk, after_a_word=True)}
            begun = rows & self.beginnings
            for row in rows:
                for last in stems(row[-1]):
                    if term := self.whole.get((*row[:-1], last)):
                        yield term
                    if len(row) == 1 and (term := self.run_together.get(last)):
                        yield term

    def _dressed_up(self, chunks: list[str]) -> Iterator[Term]:
        """Find drawn out letters, stars, and halves of a word."""
        for chunk in chunks:
            for word in readings(chunk):
                if _DRAWN_OUT.search(word):
                    stretched = (self.squeezed.get(stem) for stem in stems(_TWICE.sub(r"\1", word)))
                    yield from filter(None, stretched)
                if "*" in word:
                    yield from self._starred(word)
        for first, second in pairwise(chunks):
            if len(first) + len(second) >= _LONG and (term := self.single.get(first + second)):
                yield term

    def _starred(self, word: str) -> Iterator[Term]:
        """Find a word of which stars hide some letters."""
        if len(word.replace("*", "")) >= _SEEN:
            shape = re.compile("".join("." if letter == "*" else re.escape(letter) for letter in word))
            yield from (term for joined, term in self.single.items() if shape.fullmatch(joined))

    def _put_apart(self, folded: str) -> Iterator[Term]:
        """Find words whose letters stand one by one."""
        every = {**self.single, **self.run_together}
        for row in _APART.finditer(folded):
            for letters in readings("".join(_LETTERS.findall(row.group()))):
                there = [joined for joined in every if len(joined) >= _SHORT and joined in letters]
                # A short term within a longer one is not meant.
                whole = (one for one in there if not any(one != other and one in other for other in there))
                yield from (every[joined] for joined in whole)


# Small words that only one of the languages has.
_FRENCH = frozenset(
    _WORD.findall(
        "le la les un une des du et est pas que qui dans pour sur avec il elle nous vous ce cette au aux en je ne"
    )
)
_ENGLISH = frozenset(
    _WORD.findall("the an of and is are not that in for with he she we you this it to at i they there has have my")
)


def language_of(text: str, default: str) -> str:
    """Return the language that most small words of a text belong to, `fr` or `en`; `default` where they do not say."""
    found = words_of(text)
    french, english = sum(word in _FRENCH for word in found), sum(word in _ENGLISH for word in found)
    if french == english:
        return default
    return "fr" if french > english else "en"
