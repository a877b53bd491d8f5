"""Identity numbers a second time, from the public rules and not from rctd's code: makes them, and says which damage
the rule can see. Everything is plain arithmetic over strings; the numbers are made up."""
import datetime

PERSON = "se-personnummer"


def luhn_digit(digits):
    """Skatteverket SKV 704: weights 2, 1, 2, ...; the digits of the products are added."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        for part in str(int(digit) * (1 + (place + 1) % 2)):
            total += int(part)
    return str(-total % 10)


def exists(year, month, day):
    try:
        datetime.date(year, month, day)
    except ValueError:
        return False
    return True


def birth_possible(text, this_year):
    """YYYYMMDD as in a personal or coordination number: 60 more on the day, unknown day 60 or month 00."""
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:8])
    if not 1800 <= year <= this_year:
        return False
    if day < 60:
        return exists(year, month, day)
    if day == 60:
        return month <= 12
    if month == 0:
        return day - 60 <= 31
    return exists(year, month, day - 60)


def personal(text, this_year):
    """The twelve digits of a number in one of its written forms, or None."""
    text = " ".join(text.split())
    digits = "".join(c for c in text if c.isdigit())
    if len(digits) == 10 and len(text) == 11 and text[6] in "-+":
        century = max(c for c in (1700, 1800, 1900, 2000)
                      if c + int(digits[:2]) <= this_year - (100 if text[6] == "+" else 0))
        digits = str(century + int(digits[:2])) + digits[2:]
    elif not (text == digits and len(digits) == 12) and not (len(text) == 13 and text[8] in "- " and len(digits) == 12):
        return None
    if not birth_possible(digits, this_year) or luhn_digit(digits[2:11]) != digits[11]:
        return None
    return digits


def make_personal(random, this_year):
    """A number in a random written form, and its normal form."""
    while True:
        year, month, day = random.randint(1890, this_year), random.randint(1, 12), random.randint(1, 31)
        coordination = random.random()
        if coordination < 0.3:
            day += 60
            if coordination < 0.1:
                day = 60
            if coordination < 0.05 or 0.1 <= coordination < 0.15:
                month = 0
        text = f"{year:04}{month:02}{day:02}"
        if birth_possible(text, this_year):
            break
    text += f"{random.randint(0, 999):03}"
    text += luhn_digit(text[2:])
    mark = "+" if int(text[:4]) <= this_year - 100 else "-"
    return random.choice([text, f"{text[:8]}-{text[8:]}", f"{text[:8]} {text[8:]}", f"{text[2:8]}{mark}{text[8:]}"]), text


def make_organisation(random):
    text = f"{random.randint(10, 99)}{random.randint(2, 9)}{random.randint(0, 999999):06}"
    text += luhn_digit(text)
    normal = f"{text[:6]}-{text[6:]}"
    return random.choice([text, normal, f"{text[:6]} {text[6:]}", "16" + text, "16" + normal]), normal


def weighted(weights, modulus=11, sign=-1, ten=None):
    """A maker of check digits; None where no number is issued."""
    def digit(text):
        value = sign * sum(w * int(d) for w, d in zip(weights, text)) % modulus
        return str(value) if value < 10 else ten
    return digit


def verhoeff_digit(text):
    d = [[(i + j) % 5 if i < 5 and j < 5 else 5 + (i + j) % 5 if i < 5 else 5 + (i - j) % 5 if j < 5 else (i - j) % 5
          for j in range(10)] for i in range(10)]
    p = [list(range(10)), [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]]
    while len(p) < 8:
        p.append([p[1][x] for x in p[-1]])
    c = 0
    for i, digit in enumerate(reversed(text + "0")):
        c = d[c][p[i % 8][int(digit)]]
    return next(str(j) for j in range(10) if d[c][j] == 0)


def mod11_10_digit(text):
    """ISO/IEC 7064, hybrid system: tried out, rather than solved."""
    for check in "0123456789":
        product = 10
        for digit in text:
            product = ((product + int(digit)) % 10 or 10) * 2 % 11
        if (product + int(check)) % 10 == 1:
            return check
    return None


def mod11_2_digit(text):
    total = sum(int(d) * 2 ** (len(text) - i) for i, d in enumerate(text))
    return "0123456789X"[(1 - total) % 11]


def mod97_digits(text):
    number = int("".join(str(int(c, 36)) for c in text) + "00")
    return f"{98 - number % 97:02}"


def baltic_digit(text):
    first = sum(w * int(d) for w, d in zip((1, 2, 3, 4, 5, 6, 7, 8, 9, 1), text)) % 11
    second = sum(w * int(d) for w, d in zip((3, 4, 5, 6, 7, 8, 9, 1, 2, 3), text)) % 11
    return str(first if first < 10 else second % 10)


def norway_digits(text):
    first = weighted((3, 7, 6, 1, 8, 9, 4, 5, 2))(text)
    if first is None:
        return None
    second = weighted((5, 4, 3, 2, 7, 6, 5, 4, 3, 2))(text + first)
    return None if second is None else first + second


def italy_letter(text):
    odd = dict(zip("0123456789", (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)))
    odd |= dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ",
                    (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)))
    even = {c: int(c) for c in "0123456789"} | {chr(65 + i): i for i in range(26)}
    return chr(65 + sum((even if i % 2 else odd)[c] for i, c in enumerate(text)) % 26)


def czech_digit(text):
    rest = int(text) % 11
    old = 54 <= int(text[:2]) < 85
    return str(rest) if rest < 10 else "0" if old else None


def belgium_digits(text):
    """Born before 2000, where the sixth digit is even; since then else."""
    return f"{97 - int(('2' if int(text[5]) % 2 else '') + text) % 97:02}"


def austria(text):
    """The check digit stands fourth."""
    check = sum(w * int(d) for w, d in zip((3, 7, 9, 5, 8, 4, 2, 1, 6), text)) % 11
    return None if check == 10 else f"{text[:3]}{check}{text[3:]}"


def iceland(text):
    check = weighted((3, 2, 7, 6, 5, 4, 3, 2))(text)
    return None if check is None else f"{text}{check}9"


def luxembourg(text):
    return text + luhn_digit(text) + verhoeff_digit(text)


def behind(check):
    """The check characters stand last."""
    def whole(text):
        end = check(text)
        return None if end is None else text + end
    return whole


def finland(text):
    check = "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(text) % 31]
    return f"{text[:6]}-{text[6:]}{check}"


# Name of the checksum: how many digits come before it, and what makes the whole number.
MAKERS = {
    "luhn": (12, behind(luhn_digit)),
    "verhoeff": (9, behind(verhoeff_digit)),
    "mod11-2": (15, behind(mod11_2_digit)),
    "mod11-10": (10, behind(mod11_10_digit)),
    "mod97": (14, behind(mod97_digits)),
    "at-svnr": (9, austria),
    "be-nn": (9, behind(belgium_digits)),
    "bg-egn": (9, behind(weighted((2, 4, 8, 5, 10, 9, 7, 3, 6), sign=1, ten="0"))),
    "ch-ahv": (12, behind(weighted((1, 3) * 6, modulus=10))),
    "cz-rc": (9, behind(czech_digit)),
    "dk-cpr": (9, behind(weighted((4, 3, 2, 7, 6, 5, 4, 3, 2)))),
    "ee-ik": (10, behind(baltic_digit)),
    "es-dni": (8, behind(lambda text: "TRWAGMYFPDXBNJZSQVHLCKE"[int(text) % 23])),
    "fi-hetu": (9, finland),
    "fr-nir": (13, behind(lambda text: f"{97 - int(text) % 97:02}")),
    "gb-nhs": (9, behind(weighted((10, 9, 8, 7, 6, 5, 4, 3, 2)))),
    "hu-taj": (8, behind(weighted((3, 7) * 4, modulus=10, sign=1))),
    "ie-pps": (7, behind(lambda text: "WABCDEFGHIJKLMNOPQRSTUV"[sum((8 - i) * int(d) for i, d in enumerate(text)) % 23])),
    "is-kt": (8, iceland),
    "it-cf": (15, behind(italy_letter)),
    "lu-mat": (11, luxembourg),
    "nl-bsn": (8, behind(weighted((9, 8, 7, 6, 5, 4, 3, 2), sign=1))),
    "no-fnr": (9, behind(norway_digits)),
    "pl-pesel": (10, behind(weighted((1, 3, 7, 9, 1, 3, 7, 9, 1, 3), modulus=10))),
    "pt-nif": (8, behind(weighted((9, 8, 7, 6, 5, 4, 3, 2), ten="0"))),
    "ro-cnp": (12, behind(weighted((2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9), sign=1, ten="1"))),
    "si-emso": (12, behind(weighted((7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2), ten="0"))),
}


def make(kind, random):
    """A number whose check fits."""
    length, whole = MAKERS[kind]
    while True:
        number = whole("".join(random.choice("0123456789") for _ in range(length)))
        if number is not None:
            return number
