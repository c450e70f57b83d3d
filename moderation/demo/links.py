"""What the demonstration town shows of links: questions to authors, and a report passed on to somebody outside."""

from datetime import datetime, timedelta

from accounts.models import User
from moderation.demo.past import person, told
from moderation.models import Question, Referral
from moderation.models.question import LIFE as QUESTION_LIFE
from moderation.models.referral import LIFE as REFERRAL_LIFE
from reports import workflow
from reports.demo.history import write_log
from reports.demo.people import OPERATOR_OF
from reports.models import Event, Report
from reports.services.deadlines import start_clock, stop_clock

Kind = Event.Kind
STILL_OPEN = "Le portail d’en face est-il le vôtre ? Nous devons y laisser le camion deux heures."
ANSWERED = (
    "De quel côté de la chaussée se trouve exactement le problème ?",
    "À droite en descendant, juste avant la boutique de téléphones.",
)
FIRM = "Entreprise de terrassement (démonstration)"
FIRM_ADDRESS = "terrassement@demo.fixmyquarter.example"
PASSED_ON = (
    "Ce point dépend de votre chantier. Merci de nous dire quand vous pouvez passer.",
    "Notre équipe passe jeudi matin avec le matériel.",
)
# How long ago: the open question; the one that was answered, with its answer; the referral, with its answer.
OPEN_SINCE = timedelta(hours=20)
ASKED_AGO, REPLIED_AGO = timedelta(days=2), timedelta(days=1, hours=6)
PASSED_AGO, TAKEN_AGO = timedelta(days=1, hours=20), timedelta(days=1, hours=2)


def load(*, now: datetime) -> None:
    """Add them to three reports that the operator has begun; see `settings.DEMO_PARTS`."""
    operator = person("operator")
    begun = Report.objects.filter(
        status=workflow.IN_PROGRESS, organisation__slug=OPERATOR_OF, updated_at__lt=now - ASKED_AGO
    )
    waiting, answered, passed_on = (
        begun.filter(language="fr").select_related("category", "organisation").order_by("-updated_at")[:3]
    )
    ask(waiting, operator, asked=now - OPEN_SINCE, text=STILL_OPEN)
    question = ask(answered, operator, asked=now - ASKED_AGO, text=ANSWERED[0])
    reply(question, now - REPLIED_AGO)
    refer(passed_on, operator, now)


def ask(report: Report, operator: User, *, asked: datetime, text: str) -> Question:
    """Ask the author something: the deadlines stand still."""
    question = Question.objects.create(
        report=report, asker=operator, text=text, asked_at=asked, expires_at=asked + QUESTION_LIFE
    )
    stop_clock(report, now=asked)
    words = {"text": text, "question": question.pk}
    write_log([told(Kind.ASKED, report, asked, by=operator, role=workflow.OPERATOR, private_data=words)])
    return question


def reply(question: Question, at: datetime) -> None:
    """Let the author answer: the deadlines go on."""
    report = question.report
    question.answered_at = at
    question.save(update_fields=["answered_at"])
    start_clock(report, now=at)
    words = {"text": ANSWERED[1], "question": question.pk}
    outcome = {"outcome": "answered"}
    write_log([told(Kind.ANSWERED, report, at, role=workflow.REPORTER, data=outcome, private_data=words)])


def refer(report: Report, operator: User, now: datetime) -> None:
    """Pass a report on to a firm, which answers once."""
    sent, taken = now - PASSED_AGO, now - TAKEN_AGO
    referral = Referral.objects.create(
        report=report,
        sender=operator,
        name=FIRM,
        address=FIRM_ADDRESS,
        text=PASSED_ON[0],
        sent_at=sent,
        expires_at=sent + REFERRAL_LIFE,
        answers=1,
        answered_at=taken,
    )
    link = {"name": FIRM, "referral": referral.pk}
    asked, said = {**link, "text": PASSED_ON[0]}, {**link, "says": "taken", "text": PASSED_ON[1]}
    write_log(
        [
            told(Kind.REFERRED, report, sent, by=operator, role=workflow.OPERATOR, private_data=asked),
            told(Kind.REFERRAL_ANSWERED, report, taken, private_data=said),
        ]
    )
