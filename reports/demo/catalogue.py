"""The demonstration's categories, organisations and routing rules.

The organisations are labelled as a demonstration: no real body is made to say what it never said.
"""

from dataclasses import dataclass

from reports.models import Category, Organisation, Quarter, RoutingRule, Town

ROADS = ("Voirie", "Roads")
POWER = ("Éclairage et électricité", "Lighting and power")
CLEANING = ("Propreté", "Cleanliness")
WATER = ("Eau et assainissement", "Water and drainage")
SPACES = ("Espaces publics", "Public spaces")
LIVING = ("Cadre de vie", "Living together")


@dataclass(frozen=True, slots=True)
class Kind:
    """A category in the order of the tiles; distances in metres, times in days, urgency from 0 to 3 (danger)."""

    code: str
    french: str
    english: str
    group: tuple[str, str]
    radius: int
    response: int
    repair: int
    at_once: bool = False
    photo: bool = True
    urgency: int = 1


KINDS = [
    Kind("rubbish", "Tas d’ordures", "Rubbish heap", CLEANING, 60, 2, 7),
    Kind("pothole", "Nid-de-poule", "Pothole", ROADS, 40, 3, 30),
    Kind("lamp", "Lampadaire en panne", "Street lamp out", POWER, 40, 3, 14, at_once=True),
    Kind("leak", "Fuite d’eau", "Water leak", WATER, 50, 1, 7, at_once=True, urgency=2),
    Kind("drain", "Caniveau bouché", "Blocked drain", WATER, 60, 3, 14),
    Kind("flood", "Inondation", "Flooding", WATER, 120, 1, 10, urgency=3),
    Kind("wire", "Câble ou poteau dangereux", "Dangerous cable or pole", POWER, 50, 1, 5, urgency=3),
    Kind("noise", "Bruit", "Noise", LIVING, 80, 5, 30, photo=False, urgency=0),
    Kind("tree", "Arbre dangereux", "Dangerous tree", SPACES, 40, 3, 21, urgency=2),
    Kind("sign", "Panneau ou marquage", "Road sign or marking", ROADS, 30, 5, 45, urgency=0),
    Kind("traffic-light", "Feu en panne", "Traffic light out", ROADS, 80, 1, 7, at_once=True, urgency=2),
    Kind("manhole", "Regard ouvert", "Open manhole", ROADS, 30, 1, 5, urgency=3),
    Kind("market", "Passage occupé", "Blocked passage", SPACES, 60, 5, 30),
    Kind("bench", "Banc, abri, escalier", "Bench, shelter, steps", SPACES, 30, 5, 45, urgency=0),
    Kind("building", "Mur ou bâtiment dangereux", "Dangerous wall or building", LIVING, 50, 3, 60, urgency=2),
    Kind("other", "Autre problème", "Something else", LIVING, 40, 5, 30, urgency=0),
]

# slug, name, nature
ORGANISATIONS = [
    ("voirie", "Voirie municipale (démonstration)", Organisation.Kind.TOWN_HALL),
    ("eclairage", "Éclairage et électricité (démonstration)", Organisation.Kind.UTILITY),
    ("eau", "Réseau d’eau (démonstration)", Organisation.Kind.UTILITY),
    ("proprete", "Propreté urbaine (démonstration)", Organisation.Kind.UTILITY),
    ("comite-mokolo", "Comité de quartier de Mokolo (démonstration)", Organisation.Kind.ASSOCIATION),
]

# Category, quarter (None for any), organisation. Noise and the rest are assigned by hand.
ROUTES: list[tuple[str, str | None, str]] = [
    *((code, None, "voirie") for code in ("pothole", "drain", "flood", "tree", "sign", "traffic-light", "manhole")),
    *((code, None, "voirie") for code in ("market", "bench", "building")),
    ("lamp", None, "eclairage"),
    ("wire", None, "eclairage"),
    ("leak", None, "eau"),
    ("rubbish", None, "proprete"),
    ("rubbish", "mokolo", "comite-mokolo"),
    ("bench", "mokolo", "comite-mokolo"),
]


def load_catalogue(town: Town) -> None:
    """Create what is missing; what somebody has changed since stays theirs."""
    for position, kind in enumerate(KINDS):
        Category.objects.get_or_create(
            code=kind.code,
            defaults={
                "name_fr": kind.french,
                "name_en": kind.english,
                "group_fr": kind.group[0],
                "group_en": kind.group[1],
                "icon": kind.code,
                "position": position,
                "duplicate_radius_m": kind.radius,
                "post_moderated": kind.at_once,
                "photo_wanted": kind.photo,
                "response_days": kind.response,
                "repair_days": kind.repair,
                "urgency": kind.urgency,
            },
        )
    for slug, name, nature in ORGANISATIONS:
        Organisation.objects.get_or_create(slug=slug, defaults={"name": name, "kind": nature, "town": town})
    for code, quarter, organisation in ROUTES:
        RoutingRule.objects.get_or_create(
            category=Category.objects.get(code=code),
            quarter=Quarter.objects.get(town=town, slug=quarter) if quarter else None,
            defaults={"organisation": Organisation.objects.get(slug=organisation)},
        )
