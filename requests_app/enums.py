"""Codes of the casework. ASCII, stable, never reused; labels come from the catalogue. Every list that can be unknown says so."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Stage(TextChoices):
    """How far on the path (``stages.STAGES`` says what each allows)."""

    RECEIVED = "received", _("Request received")
    VERIFICATION = "verification", _("Verification")
    LEGAL_CONSULT = "legal_consult", _("Legal consultation")
    ADVICE = "advice", _("Advice given, quiet")
    PLANNING = "planning", _("Plan agreed")
    HOSPITAL_EXIT = "hospital_exit", _("Hospital exit")
    LEAVE_EXIT = "leave_exit", _("Not returning from leave")
    UNIT_EXIT = "unit_exit", _("Exit from unit")
    IN_HIDING = "in_hiding", _("Hiding inside the country")
    BORDER_CROSSING = "border_crossing", _("Border crossing")
    TRANSIT_ARRIVAL = "transit_arrival", _("Arrived in transit country")
    LOCAL_REGISTRATION = "local_registration", _("Registration / legal stay")
    TRAVEL_DOCUMENT = "travel_document", _("Travel document")
    HUMANITARIAN_VISA = "humanitarian_visa", _("Humanitarian visa")
    ONWARD_TRAVEL = "onward_travel", _("Onward travel")
    ASYLUM_FILING = "asylum_filing", _("Asylum filing")
    RESPONSIBILITY_CHECK = "responsibility_check", _("Responsibility (Dublin) check")
    ASYLUM_INTERVIEW = "asylum_interview", _("Asylum interview")
    ASYLUM_DECISION = "asylum_decision", _("Decision awaited")
    ASYLUM_APPEAL = "asylum_appeal", _("Appeal")
    AFTERCARE = "aftercare", _("Settled, after-care")
    CLOSED = "closed", _("Closed")


class Condition(TextChoices):
    """What state the person is in, whatever the stage."""

    ACTIVE = "active", _("Active")
    PAUSED = "paused", _("Paused")
    LOST_CONTACT = "lost_contact", _("Lost contact")
    DETAINED = "detained", _("Detained")
    EXTRADITION = "extradition", _("Extradition / deportation request")
    RETURNED = "returned", _("Returned to unit")
    COMPROMISED = "compromised", _("Compromised")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    DECEASED = "deceased", _("Died")


class Outcome(TextChoices):
    """How a case ended."""

    PROTECTION_GRANTED = "protection_granted", _("Protection granted")
    SAFE_ABROAD = "safe_abroad", _("Safe abroad, help finished")
    SAFE_IN_COUNTRY = "safe_in_country", _("Safe inside the country, help finished")
    LEGAL_DISCHARGE = "legal_discharge", _("Lawfully discharged / exempted")
    ADVICE_ONLY = "advice_only", _("Advice given")
    REFERRED = "referred", _("Referred to partner")
    PERSON_CHANGED_MIND = "person_changed_mind", _("Person changed their mind")
    OUT_OF_MANDATE = "out_of_mandate", _("Outside mandate")
    DECLINED_SECURITY = "declined_security", _("Declined (security or integrity check)")
    NO_RESPONSE = "no_response", _("No response")
    DUPLICATE = "duplicate", _("Duplicate, merged")
    LOST_CONTACT = "lost_contact", _("Lost contact, closed")
    RETURNED_TO_UNIT = "returned_to_unit", _("Returned to unit")
    SENT_TO_FRONT = "sent_to_front", _("Sent (back) to the front")
    CONVICTED = "convicted", _("Convicted")
    EXTRADITED = "extradited", _("Extradited / deported")
    ASYLUM_REFUSED_FINAL = "asylum_refused_final", _("Asylum finally refused")
    DIED = "died", _("Died")
    ERASED_ON_REQUEST = "erased_on_request", _("Erased on request")


class Category(TextChoices):
    """Under what the person serves."""

    CONTRACT_POST = "contract_post", _("Contract signed after 24 Feb 2022")
    CONTRACT_PRE = "contract_pre", _("Contract signed before 24 Feb 2022")
    CONTRACT_UNSPECIFIED = "contract_unspecified", _("Contract, date unknown")
    MOBILIZED = "mobilized", _("Mobilised")
    CONSCRIPT = "conscript", _("Conscript")
    FORCED_CONTRACT = "forced_contract", _("Conscript made to sign a contract")
    OFFICER = "officer", _("Officer")
    CONVICT = "convict", _("Recruited from prison")
    VOLUNTEER_UNIT = "volunteer_unit", _("Volunteer unit / private company")
    FOREIGN_RECRUIT = "foreign_recruit", _("Foreign recruit")
    OTHER_SERVICE = "other_service", _("Other armed service")
    RESERVIST_CIVILIAN = "reservist_civilian", _("Not serving yet / call-up notice")
    UNKNOWN = "unknown", _("Unknown")
    OTHER = "other", _("Other")


class Requester(TextChoices):
    """Who writes."""

    SELF = "self", _("Self")
    RELATIVE = "relative", _("Relative")
    FRIEND = "friend", _("Friend")
    PARTNER_ORG = "partner_org", _("Partner organization")
    LAWYER = "lawyer", _("Lawyer")
    UNKNOWN = "unknown", _("Unknown")
    OTHER = "other", _("Other")


class Channel(TextChoices):
    """How the request came."""

    TELEGRAM_BOT = "telegram_bot", _("Telegram bot")
    TELEGRAM_DM = "telegram_dm", _("Telegram message")
    WEB_FORM = "web_form", _("Website form")
    EMAIL = "email", _("E-mail")
    SIGNAL = "signal", _("Signal")
    HOTLINE = "hotline", _("Hotline")
    WHATSAPP = "whatsapp", _("WhatsApp")
    INSTAGRAM = "instagram", _("Instagram")
    PARTNER = "partner", _("Partner")
    OTHER = "other", _("Other")
    UNKNOWN = "unknown", _("Unknown")


class Situation(TextChoices):
    """Where the person is, in kind, never in place."""

    HOSPITAL = "hospital", _("In hospital / treatment")
    LEAVE = "leave", _("On leave")
    UNIT_REAR = "unit_rear", _("In unit, rear")
    TRAINING = "training", _("Training ground")
    FRONT = "front", _("At the front")
    AWOL_INSIDE = "awol_inside", _("Already left (SOCh), inside")
    DETENTION = "detention", _("Held / commandant's office / remand")
    ABROAD_TRANSIT = "abroad_transit", _("Abroad, transit country")
    ABROAD_EU = "abroad_eu", _("Abroad, asylum country")
    CIVIL = "civil", _("Civilian")
    UNKNOWN = "unknown", _("Unknown")
    OTHER = "other", _("Other")


class Need(TextChoices):
    """What is asked for."""

    LEGAL = "legal", _("Legal advice")
    ROUTE = "route", _("Safety planning")
    DOCUMENTS = "documents", _("Documents")
    SHELTER = "shelter", _("Shelter")
    MONEY = "money", _("Money")
    MEDICAL = "medical", _("Medical")
    PSYCH = "psych", _("Psychologist")
    ASYLUM = "asylum", _("Asylum")
    EVAC_FAMILY = "evac_family", _("Family")
    INFO = "info", _("Information")
    OTHER = "other", _("Other")


class Urgency(TextChoices):
    """How soon something must happen."""

    NOW = "u1_now", _("Now (hours)")
    DAYS_3 = "u2_72h", _("Within 3 days")
    WEEKS_2 = "u3_2w", _("Within 2 weeks")
    ROUTINE = "u4_routine", _("Not urgent")


class CriminalCase(TextChoices):
    """Which article is known to be used."""

    NONE_KNOWN = "none_known", _("None known")
    ART337 = "art337", _("Art. 337 (SOCh, AWOL)")
    ART338 = "art338", _("Art. 338 (desertion)")
    ART332 = "art332", _("Art. 332 (order refused)")
    OTHER = "other", _("Other article")
    UNKNOWN = "unknown", _("Unknown")


class RequestState(TextChoices):
    """Where a request stands, as its volunteer sees it."""

    NEW = "new", _("Waiting")
    ACCEPTED = "accepted", _("With a coordinator")
    ANSWERED = "answered", _("Answered")
    SET_ASIDE = "set_aside", _("Set aside")


class TriageDecision(TextChoices):
    """What a coordinator decided on a request."""

    PROMOTE = "promote", _("Open a case")
    LINK = "link", _("Link to a case")
    ADVICE_GIVEN = "advice_given", _("Advice given")
    DECLINED = "declined", _("Declined")
    DUPLICATE = "duplicate", _("Duplicate")
    SUSPECTED_PROBE = "suspected_probe", _("Suspected probe")


class DocumentStatus(TextChoices):
    """Which travel papers the person has."""

    UNKNOWN = "unknown", _("Unknown")
    NONE = "none", _("None")
    INTERNAL_PASSPORT = "internal_passport", _("Internal passport")
    FOREIGN_PASSPORT = "foreign_passport", _("Foreign passport")
    EXPIRED_OR_HELD = "expired_or_held", _("Expired or held by command")
    OTHER = "other", _("Other")


class ContactKind(TextChoices):
    """What kind of contact a line is."""

    UNKNOWN = "unknown", _("Unknown")
    PHONE = "phone", _("Phone")
    TELEGRAM = "telegram", _("Telegram")
    SIGNAL = "signal", _("Signal")
    WHATSAPP = "whatsapp", _("WhatsApp")
    EMAIL = "email", _("E-mail")
    OTHER = "other", _("Other")


class SafeAnswer(TextChoices):
    """Whether something is safe; **unknown behaves as no**."""

    UNKNOWN = "unknown", _("Unknown")
    YES = "yes", _("Yes")
    NO = "no", _("No")


class HoursBand(TextChoices):
    """When the person may be reached, in their own time zone."""

    UNKNOWN = "unknown", _("Unknown")
    ANY = "any", _("Any time")
    MORNING = "morning", _("Morning (6–12)")
    DAY = "day", _("Day (12–18)")
    EVENING = "evening", _("Evening (18–24)")
    NIGHT = "night", _("Night (0–6)")


class SealedKind(TextChoices):
    """What a sealed record holds."""

    FIRST_CONTACT = "first_contact", _("First contact")
    CORRECTION = "correction", _("Correction")
    CONTACT = "contact", _("Contact")
    NOTE = "note", _("Note")
    ASSET = "asset", _("Name of a partner, channel or device")


class RecipientKind(TextChoices):
    """Whose key a data key is sealed to."""

    CIRCLE = "circle", _("Circle")
    RECOVERY = "recovery", _("Recovery")
    STAFF = "staff", _("Person")


class GrantScope(TextChoices):
    """How much a grant opens."""

    CODED = "coded", _("Coded facts")
    CONTENT = "content", _("Sealed texts too")
    BREAK_GLASS = "break_glass", _("Broken glass")


class HandoverState(TextChoices):
    """Life of an offer to hand a case over: answered once, and never again."""

    OFFERED = "offered", _("Offered")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    RETURNED = "returned", _("Not answered in time")


class CheckCode(TextChoices):
    """What was checked about a story."""

    COHERENT_STORY = "coherent_story", _("Story coherent when told twice")
    INDEPENDENT_DETAIL = "independent_detail", _("Independent detail confirmed")
    VOUCHED = "vouched", _("Vouched for")
    DOCUMENT_SEEN = "document_seen", _("Document seen, not stored")
    PRESSURE_SIGNS = "pressure_signs", _("Signs of pressure or a planted request")


class CheckOutcome(TextChoices):
    """What a check found."""

    YES = "yes", _("Yes")
    NO = "no", _("No")
    UNCLEAR = "unclear", _("Unclear")


class ReasonCode(TextChoices):
    """Why something out of the ordinary was done. Codes, so that no reason can name anybody."""

    ALREADY_LEFT = "already_left", _("Had already left when they wrote")
    ALREADY_ABROAD = "already_abroad", _("Already abroad")
    STEP_NOT_NEEDED = "step_not_needed", _("Step not needed")
    PLAN_CHANGED = "plan_changed", _("Plan changed")
    ENTERED_BY_MISTAKE = "entered_by_mistake", _("Entered by mistake")
    PERSON_ASKED = "person_asked", _("The person asked")
    NEW_INFORMATION = "new_information", _("New information")
    CAME_BACK = "came_back", _("Came back")
    FOUND_AGAIN = "found_again", _("Contact found again")
    RELEASED = "released", _("Released")
    CONTACT_PERSON = "contact_person", _("To contact the person")
    ASSESS_REQUEST = "assess_request", _("To assess the request")
    CHECK_DUPLICATE = "check_duplicate", _("To compare with another request")
    PREPARE_STEP = "prepare_step", _("To prepare the next step")
    HANDOVER = "handover", _("Handover")
    ABSENCE = "absence", _("Absence")
    EXPERTISE = "expertise", _("Special knowledge needed")
    SAFETY = "safety", _("Safety")
    OTHER = "other", _("Other")


class ReleaseState(TextChoices):
    """Life of a monthly release: forward only."""

    AWAITING = "awaiting", _("Awaiting approval")
    APPROVED = "approved", _("Approved, being frozen")
    FROZEN = "frozen", _("Frozen")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    REJECTED = "rejected", _("Rejected")


class Country(TextChoices):
    """Where the person is now; only as finely as the work needs."""

    RU = "RU", _("Russia")
    KZ = "KZ", _("Kazakhstan")
    AM = "AM", _("Armenia")
    KG = "KG", _("Kyrgyzstan")
    BY = "BY", _("Belarus")
    GE = "GE", _("Georgia")
    RS = "RS", _("Serbia")
    MN = "MN", _("Mongolia")
    TR = "TR", _("Türkiye")
    ME = "ME", _("Montenegro")
    IL = "IL", _("Israel")
    UZ = "UZ", _("Uzbekistan")
    AZ = "AZ", _("Azerbaijan")
    DE = "DE", _("Germany")
    FR = "FR", _("France")
    LT = "LT", _("Lithuania")
    LV = "LV", _("Latvia")
    EE = "EE", _("Estonia")
    FI = "FI", _("Finland")
    NO = "NO", _("Norway")
    PL = "PL", _("Poland")
    ES = "ES", _("Spain")
    US = "US", _("United States")
    XX = "XX", _("Other / unknown")


class ViewName(TextChoices):
    """Names that a saved view may be given: a list, so that no name can name anybody."""

    MORNING = "morning", _("Morning round")
    EVENING = "evening", _("Evening round")
    CALLS = "calls", _("To call")
    LAWYER = "lawyer", _("For the lawyer")
    DOCUMENTS = "documents", _("Documents to get")
    TRAVEL = "travel", _("On the way")
    HANDOVER = "handover", _("For the handover")
    WEEKLY = "weekly", _("Weekly look")
    WATCH = "watch", _("Keep an eye on")


class OwnerFilter(TextChoices):
    """Whose cases a saved view shows."""

    ME = "me", _("Me")
    NONE = "none", _("Nobody")
    PERSON = "person", _("One person")


class BulkKind(TextChoices):
    """What can be done to several cases at once."""

    ASSIGN = "assign", _("Assign")
    URGENCY = "urgency", _("Change the urgency")
    STAGE = "stage", _("Move")
    CLOSE = "close", _("Close")


class RowResult(TextChoices):
    """What became of one case of a batch."""

    CHANGED = "changed", _("changed")
    REFUSED = "refused", _("not changed")
    UNDONE = "undone", _("taken back")
    KEPT = "kept", _("stays changed")


class RowRefusal(TextChoices):
    """Why a case of a batch was not changed, or not taken back."""

    STALE = "stale", _("Somebody changed the case meanwhile.")
    RULES = "rules", _("The rules of the route do not allow it any more.")
    GONE = "gone", _("You can no longer see or change this case.")
