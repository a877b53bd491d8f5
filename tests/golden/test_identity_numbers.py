"""Identity numbers against a second implementation (identity.py) and against numbers that authorities have published:
10,000 right ones are taken in one form, 10,000 damaged ones are found, and none is ever repeated."""
import os
import pathlib
import random
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import identity
from harness import BUILD

YEAR = 2026
MANY = 10_000

# Published examples: Skatteverket's test numbers, and those in the authorities' own descriptions.
PUBLISHED = [
    ("se-personnummer", "189001019802", "189001019802"),
    ("se-personnummer", "198501012382", "198501012382"),
    ("se-personnummer", "200002202398", "200002202398"),
    ("se-personnummer", "197301732389", "197301732389"),
    ("se-personnummer", "191401682396", "191401682396"),
    ("se-orgnr", "556016-0680", "556016-0680"),
    ("luhn", "79927398713", "79927398713"),
    ("verhoeff", "2363", "2363"),
    ("mod11-2", "0000-0002-1825-0097", "0000000218250097"),
    ("mod11-2", "0000-0002-9079-593X", "000000029079593X"),
    ("mod11-10", "36 574 261 809", "36574261809"),
    ("mod97", "2138 00KU D8LA JWSQ 9D15", "213800KUD8LAJWSQ9D15"),
    ("at-svnr", "1237 010180", "1237010180"),
    ("be-nn", "85.07.30-033 28", "85073003328"),
    ("be-nn", "40.00.00-955 79", "40000095579"),
    ("bg-egn", "752316 926 3", "7523169263"),
    ("ch-ahv", "756.9217.0769.85", "7569217076985"),
    ("cz-rc", "710319/2745", "7103192745"),
    ("dk-cpr", "211062-5629", "2110625629"),
    ("ee-ik", "36805280109", "36805280109"),
    ("ee-ik", "33309240064", "33309240064"),
    ("es-dni", "54362315-K", "54362315K"),
    ("es-dni", "x-2482300w", "X2482300W"),
    ("fi-hetu", "131052-308T", "131052-308T"),
    ("fr-nir", "2 95 10 99 126 111 93", "295109912611193"),
    ("gb-nhs", "943 476 5870", "9434765870"),
    ("ie-pps", "6433435F", "6433435F"),
    ("is-kt", "450401-3150", "4504013150"),
    ("it-cf", "RCCMNL83S18D969H", "RCCMNL83S18D969H"),
    ("nl-bsn", "1112.22.333", "111222333"),
    ("no-fnr", "151086 95088", "15108695088"),
    ("pl-pesel", "44051401359", "44051401359"),
    ("pt-nif", "501 964 843", "501964843"),
    ("ro-cnp", "1630615123457", "1630615123457"),
    ("si-emso", "0101006500006", "0101006500006"),
]


def checked(pairs):
    """What rctd says of each (kind, number): the normal form, or "!" and the fault."""
    ran = subprocess.run([os.path.join(BUILD, "tests/system/check_numbers"), str(YEAR)], check=True, text=True,
                         input="".join(f"{kind} {number}\n" for kind, number in pairs), capture_output=True)
    said = ran.stdout.splitlines()
    assert len(said) == len(pairs)
    return said


def swaps(number):
    """Every swap of two neighbouring characters that differ."""
    return [number[:i] + number[i + 1] + number[i] + number[i + 2:]
            for i in range(len(number) - 1) if number[i] != number[i + 1]]


def single_errors(number, alphabet="0123456789"):
    return [number[:i] + c + number[i + 1:] for i in range(len(number)) if number[i] in alphabet
            for c in alphabet if c != number[i]]


@pytest.mark.parametrize("kind, written, normal", PUBLISHED)
def test_a_published_number_is_taken(kind, written, normal):
    assert checked([(kind, written)]) == [normal]


def test_ten_thousand_right_numbers_are_stored_in_one_form():
    dice = random.Random(704)
    made = [(identity.PERSON, *identity.make_personal(dice, YEAR)) for _ in range(MANY)]
    made += [("se-orgnr", *identity.make_organisation(dice)) for _ in range(MANY)]
    said = checked([(kind, written) for kind, written, _ in made])
    assert [answer for answer, (_, _, normal) in zip(said, made) if answer != normal] == []
    marks = [written for kind, written, _ in made if kind == identity.PERSON and "+" in written]
    assert len(marks) > 100, "people of a hundred years are among them"
    assert len([n for _, _, n in made if n[6:8] == "60"]) > 100 and len([n for _, _, n in made if n[4:6] == "00"]) > 100


def test_every_single_wrong_digit_is_found():
    """In ten digits, which the check digit covers; the century it does not."""
    dice = random.Random(1)
    numbers = [identity.make_personal(dice, YEAR)[1] for _ in range(MANY // 90 + 1)]
    damaged = [n[:2] + wrong for n in numbers for wrong in single_errors(n[2:])]
    assert len(damaged) >= MANY
    said = checked([(identity.PERSON, number) for number in damaged])
    assert [n for n, answer in zip(damaged, said) if not answer.startswith("!")] == []
    organisations = [identity.make_organisation(dice)[1] for _ in range(MANY // 90 + 1)]
    damaged = [wrong for n in organisations for wrong in single_errors(n)]
    said = checked([("se-orgnr", number) for number in damaged])
    assert len(damaged) >= MANY and [n for n, answer in zip(damaged, said) if not answer.startswith("!")] == []


def test_every_swap_is_found_that_luhn_can_see():
    """Luhn cannot see 09 for 90: those alone may pass, and do unless another rule (the date, the third digit) finds
    them; all others are found."""
    dice = random.Random(2)
    swapped = []
    while len(swapped) < MANY:
        number = identity.make_personal(dice, YEAR)[1]
        swapped += [(number[2:], number[:2] + s) for s in swaps(number[2:])]
    said = checked([(identity.PERSON, wrong) for _, wrong in swapped])
    unseen = 0
    for (right, wrong), answer in zip(swapped, said):
        place = next(i for i in range(10) if right[i] != wrong[2 + i])
        blind = {right[place], right[place + 1]} == {"0", "9"}
        assert answer == (wrong if blind and identity.birth_possible(wrong, YEAR) else answer), wrong
        assert answer.startswith("!") or blind, "a swap that Luhn can see"
        unseen += not answer.startswith("!")
    assert 0 < unseen < len(swapped) // 25


def test_ten_thousand_damaged_numbers_are_found_and_never_repeated():
    """Wrong digits, swaps, a digit lost or doubled, impossible dates, wrong marks: the second implementation says
    which of them are still numbers, of somebody else."""
    dice = random.Random(3)
    damaged = []
    while len(damaged) < MANY:
        written, normal = identity.make_personal(dice, YEAR)
        place = dice.randrange(len(written))
        kind = len(damaged) % 7
        wrong = {
            0: lambda: written[:place] + dice.choice("0123456789") + written[place + 1:],
            1: lambda: dice.choice(swaps(written)),
            2: lambda: written[:place] + written[place + 1:],
            3: lambda: written[:place] + written[place] + written[place:],
            4: lambda: normal[:4] + dice.choice(["1301", "0230", "0431", "0000", "0032", "1292", "1361", "0059"]) + normal[8:],
            5: lambda: normal[:8] + "+" + normal[8:],
            6: lambda: normal[:8] + dice.choice("OIl/B") + normal[9:],
        }[kind]()
        if kind == 4:
            wrong = wrong[:11] + identity.luhn_digit(wrong[2:11])
        if identity.personal(wrong, YEAR) is None:
            damaged.append(wrong)
    said = checked([(identity.PERSON, number) for number in damaged])
    assert [n for n, answer in zip(damaged, said) if not answer.startswith("!")] == []
    for number, answer in zip(damaged, said):
        assert number not in answer and number[-4:] not in answer.replace("NNNN", "") and number[2:8] not in answer


def test_dates_that_never_were_are_found_with_a_right_check_digit():
    dice = random.Random(4)
    asked = []
    for year in (1800, 1896, 1900, 1904, 1999, 2000, 2024, 2025, 2026, 2027):
        for month in range(14):
            for day in [*range(0, 33), 58, 59, 60, 61, 62, 88, 89, 90, 91, 92, 99]:
                start = f"{year}{month:02}{day:02}{dice.randint(0, 999):03}"
                asked.append(start + identity.luhn_digit(start[2:]))
    said = checked([(identity.PERSON, number) for number in asked])
    for number, answer in zip(asked, said):
        assert (answer == number) == identity.birth_possible(number, YEAR), number


def test_the_mark_tells_the_century():
    """YYMMDD-NNNN is of the last hundred years, YYMMDD+NNNN of those before; who turns 100 this year has a +."""
    asked, wanted = [], []
    for year in range(1827, YEAR + 1):
        start = f"{year}0101239"
        number = start + identity.luhn_digit(start[2:])
        mark = "+" if year <= YEAR - 100 else "-"
        asked.append(f"{number[2:8]}{mark}{number[8:]}")
        wanted.append(number)
    said = checked([(identity.PERSON, number) for number in asked])
    # Of those 200 years ago and more the ten digits mean somebody else, a hundred years younger.
    assert [(w, s) for w, s in zip(wanted, said) if w != s] == []


@pytest.mark.parametrize("kind", sorted(identity.MAKERS))
def test_the_check_of_another_country_finds_every_single_error(kind):
    """Rules that write 10 as 0 or 1 cannot tell some of them; so few, and only there."""
    dice = random.Random(kind)
    numbers = [identity.make(kind, dice) for _ in range(400)]
    assert [s for s in checked([(kind, n) for n in numbers]) if s.startswith("!")] == []
    damaged = [wrong for number in numbers for wrong in single_errors(number)]
    said = checked([(kind, number) for number in damaged])
    passed = sum(not answer.startswith("!") for answer in said)
    # Iceland's last digit, the century, is not in the sum; a Belgian number is right by either of two sums.
    share = {"is-kt": 0.101, "be-nn": 0.02, "bg-egn": 0.02, "pt-nif": 0.02, "ro-cnp": 0.02, "si-emso": 0.02, "ee-ik": 0.02,
             "cz-rc": 0.02}
    assert passed / len(damaged) <= share.get(kind, 0), f"{passed} of {len(damaged)}"
