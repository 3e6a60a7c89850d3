#include "adapters/enrow/wire.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/json.h"
#include "base/phone.h"
#include "base/status_macros.h"

namespace enrich::enrow {
namespace {

// Our reference in a job's `custom`, which must be an object.
constexpr absl::string_view kCustomKey = "eg";

// ---- Submission -------------------------------------------------------------

void WriteCompany(const Contact& contact, json::Writer& out) {
  out.MemberIfSet("company_domain", contact.company_domain);
  out.MemberIfSet("company_name", contact.company_name);
}

void WriteEmailSearch(const Contact& contact, json::Writer& out) {
  out.Member("fullname", contact.DisplayName());
  WriteCompany(contact, out);
}

void WritePhoneSearch(const Contact& contact, json::Writer& out) {
  // Prevails at Enrow; the rest is then only there for their records.
  out.MemberIfSet("linkedin_url", contact.linkedin_url);
  const auto [first_name, last_name] = contact.SplitName();
  if (first_name.empty() || last_name.empty() || !contact.HasCompany()) return;
  // Without underscores: Enrow does not understand first_name.
  out.Member("firstname", first_name).Member("lastname", last_name);
  WriteCompany(contact, out);
}

// The members of a search, without the braces.
void WriteSearch(const SubmitItem& item, ContactField field,
                 json::Writer& out) {
  if (field == ContactField::kPhone) {
    WritePhoneSearch(*item.contact, out);
  } else {
    WriteEmailSearch(*item.contact, out);
  }
  // Some pages want an object here, some a string. Strings are echoed by all.
  out.Member("custom", item.key);
}

bool NamesACompany(const SubmitItem& item) {
  return !item.contact->company_name.empty();
}

void WriteSettings(const SubmitRequest& request, absl::string_view country,
                   json::Writer& out) {
  if (std::none_of(request.items.begin(), request.items.end(), NamesACompany)) {
    country = "";
  }
  if (request.callback_url.empty() && country.empty()) return;
  out.Key("settings").StartObject();
  out.MemberIfSet("webhook", request.callback_url);
  out.MemberIfSet("country_code", country);
  out.EndObject();
}

// ---- Verdicts ---------------------------------------------------------------

enum class Verdict { kOngoing, kFound, kNotFound, kUnknown };

Verdict VerdictOf(const json::Value& item, ContactField field) {
  const bool phone = field == ContactField::kPhone;
  const absl::string_view word = item["qualification"].AsString();
  if (word == "ongoing") return Verdict::kOngoing;
  if (word == (phone ? "found" : "valid")) return Verdict::kFound;
  // For the finder "invalid" means that there is none, not a bad address.
  if (word == (phone ? "not_found" : "invalid")) return Verdict::kNotFound;
  return Verdict::kUnknown;
}

// Adds the address. Enrow verifies what it returns: "valid" is deliverable.
bool AddEmail(const json::Value& item, FieldAnswer& answer) {
  const absl::string_view address =
      absl::StripAsciiWhitespace(item["email"].AsString());
  if (address.empty()) return false;
  answer.emails.push_back(
      {.address = std::string(address), .quality = EmailQuality::kDeliverable});
  return true;
}

bool AddPhone(const json::Value& item, FieldAnswer& answer) {
  const absl::string_view number =
      absl::StripAsciiWhitespace(item["number"].AsString());
  if (number.empty()) return false;
  const absl::string_view country = item["country"].AsString();
  NormalizedPhone phone = NormalizePhone(number, country);
  answer.phones.push_back({.e164 = std::move(phone.e164),
                           .region = phone.region.empty()
                                         ? absl::AsciiStrToUpper(country)
                                         : std::move(phone.region),
                           .line_type = phone.line_type,
                           .provider_spelling = std::string(number)});
  return true;
}

// REQUIRES: `verdict` is not kOngoing, `answer` is empty.
void ReadField(const json::Value& item, Verdict verdict, const JobContext& job,
               FieldAnswer& answer) {
  answer.field = job.field;
  answer.outcome = Outcome::kFailed;
  if (verdict == Verdict::kNotFound) {
    answer.outcome = Outcome::kNotFound;
  } else if (verdict == Verdict::kFound) {
    const bool has_value = job.field == ContactField::kPhone
                               ? AddPhone(item, answer)
                               : AddEmail(item, answer);
    if (has_value) {
      answer.outcome = Outcome::kFound;
      answer.credits = job.price;
    }
  }
}

// ---- Items ------------------------------------------------------------------

// Our key, as the string we sent or, from a job's `custom`, in an object.
std::string ReadKey(const json::Value& custom) {
  return std::string(custom.is_object() ? custom[kCustomKey].AsString()
                                        : custom.AsString());
}

// A string in e-mail results, a number in phone results.
std::optional<int> ReadIndex(const json::Value& item, int item_count) {
  int index = 0;
  if (!absl::SimpleAtoi(item["index"].AsText(), &index)) return std::nullopt;
  if (index < 0 || index >= item_count) return std::nullopt;
  return index;
}

// Bulk results say domain, companyInfo; single ones company_domain, fullname.
void ReadProfile(const json::Value& info, std::optional<Profile>& out) {
  absl::string_view first_name;
  absl::string_view last_name;
  absl::string_view full_name;
  absl::string_view company_domain;
  absl::string_view domain;
  absl::string_view company_name;
  for (const json::Value member : info) {
    const absl::string_view key = member.key();
    if (key == "firstname") first_name = member.AsString();
    if (key == "lastname") last_name = member.AsString();
    if (key == "fullname") full_name = member.AsString();
    if (key == "company_domain") company_domain = member.AsString();
    if (key == "domain") domain = member.AsString();
    if (key == "companyInfo") company_name = member["name"].AsString();
  }
  if (company_domain.empty()) company_domain = domain;
  if (full_name.empty() && first_name.empty() && last_name.empty() &&
      company_domain.empty() && company_name.empty()) {
    return;
  }
  Profile& profile = out.emplace();
  profile.full_name =
      full_name.empty()
          ? absl::StrCat(first_name, last_name.empty() ? "" : " ", last_name)
          : std::string(full_name);
  profile.company_domain = std::string(company_domain);
  profile.company_name = std::string(company_name);
}

// REQUIRES: `verdict` is not kOngoing, `answer` is empty.
void ReadItem(const json::Value& item, Verdict verdict, const JobContext& job,
              ItemAnswer& answer) {
  answer.key = ReadKey(item["custom"]);
  ReadField(item, verdict, job, answer.fields.emplace_back());
  // Beside a miss it only repeats what was asked.
  if (answer.fields.front().outcome == Outcome::kFound) {
    ReadProfile(item["info"], answer.profile);
  }
  if (job.want_raw) answer.raw = item.ToJson();
}

// ---- Bulk -------------------------------------------------------------------

JobPhase PhaseOf(absl::string_view status) {
  if (status == "completed") return JobPhase::kFinished;
  if (status == "failed") return JobPhase::kFailed;
  // "ongoing". A word nobody documents must not end a job that was paid for: it
  // runs until it says more or PollSpec.give_up_after has passed.
  return JobPhase::kRunning;
}

// Whether a job in this phase has the last word on such an item.
bool IsFinal(Verdict verdict, JobPhase phase) {
  if (phase == JobPhase::kFinished) return verdict != Verdict::kOngoing;
  if (verdict == Verdict::kFound) return true;
  // A miss of a job that failed may be a search that never ran.
  return phase == JobPhase::kRunning && verdict == Verdict::kNotFound;
}

// The final net cost: an object in e-mail results. In phone results it is a
// number, of which `credits_to_refund` is taken off already: their sample has
// one of two found at 40 each, credits_cost 40 and credits_to_refund 40.
std::optional<Credits> ReadCost(const json::Value& stats) {
  const json::Value cost = stats["credits_cost"];
  std::optional<double> credits = cost.AsDouble();
  if (cost.is_object()) {
    credits = cost["final"].AsDouble();
    const std::optional<double> initial = cost["initial"].AsDouble();
    const std::optional<double> refunded = cost["refunded"].AsDouble();
    if (!credits.has_value() && initial.has_value() && refunded.has_value()) {
      credits = *initial - *refunded;
    }
  }
  return credits.has_value() ? Credits::FromDouble(*credits) : std::nullopt;
}

absl::StatusOr<JobAnswer> ReadBulk(const json::Value& root,
                                   const JobContext& job) {
  const json::Value status = root["general"]["status"];
  if (!status.is_string()) {
    return absl::InvalidArgumentError("no result: has no \"general.status\"");
  }
  JobAnswer answer{.phase = PhaseOf(status.AsString())};
  const json::Value results = root["results"];
  // Without this a change of shape would end every search as not returned.
  if (answer.phase == JobPhase::kFinished && !results.is_array()) {
    return absl::InvalidArgumentError("no result: \"results\" is no list");
  }
  if (results.is_array()) answer.items.reserve(results.size());
  for (const json::Value item : results) {
    const Verdict verdict = VerdictOf(item, job.field);
    if (!item.is_object() || !IsFinal(verdict, answer.phase)) continue;
    ItemAnswer& read = answer.items.emplace_back();
    ReadItem(item, verdict, job, read);
    read.index = ReadIndex(item, job.item_count);
  }
  if (answer.phase != JobPhase::kRunning) {
    answer.cost = ReadCost(root["stats"]);
  }
  return answer;
}

// ---- Single -----------------------------------------------------------------

// The result of a single search, and the `custom` nearest to it.
struct SingleResult {
  json::Value value = {};
  json::Value custom = {};
};

// Webhooks wrap it in "result", those of old phone searches twice.
SingleResult Unwrap(json::Value value) {
  constexpr int kMaxWrappings = 3;
  SingleResult result{.value = value, .custom = value["custom"]};
  for (int i = 0; i < kMaxWrappings; ++i) {
    if (!result.value["qualification"].missing()) break;
    const json::Value inner = result.value["result"];
    if (!inner.is_object()) break;
    result.value = inner;
    if (!inner["custom"].null()) result.custom = inner["custom"];
  }
  return result;
}

// The one item. REQUIRES: as ReadItem.
void ReadSingleItem(const SingleResult& result, Verdict verdict,
                    const JobContext& job, ItemAnswer& item) {
  ReadItem(result.value, verdict, job, item);
  item.key = ReadKey(result.custom);
}

absl::StatusOr<JobAnswer> ReadSingle(const json::Value& root,
                                     const JobContext& job) {
  const SingleResult result = Unwrap(root);
  if (!result.value["qualification"].is_string()) {
    return absl::InvalidArgumentError("no result: has no \"qualification\"");
  }
  const Verdict verdict = VerdictOf(result.value, job.field);
  if (verdict == Verdict::kOngoing) return JobAnswer{};
  JobAnswer answer{.phase = JobPhase::kFinished};
  ItemAnswer& item = answer.items.emplace_back();
  ReadSingleItem(result, verdict, job, item);
  item.index = 0;
  return answer;
}

bool IsSingleEvent(absl::string_view name, ContactField field) {
  return name == (field == ContactField::kPhone ? "single_phone_search_finished"
                                                : "single_search_finished");
}

std::optional<Credits> ReadCredits(const json::Value& value) {
  const std::optional<double> credits = value.AsDouble();
  return credits.has_value() ? Credits::FromDouble(*credits) : std::nullopt;
}

}  // namespace

std::string WriteSubmission(const SubmitRequest& request, ContactField field,
                            absl::string_view country) {
  json::Writer out;
  out.StartObject();
  if (request.items.size() == 1) {
    WriteSearch(request.items.front(), field, out);
  } else {
    out.Key("searches").StartArray();
    for (const SubmitItem& item : request.items) {
      out.StartObject();
      WriteSearch(item, field, out);
      out.EndObject();
    }
    out.EndArray();
    out.Key("custom").StartObject();
    out.Member(kCustomKey, request.reference).EndObject();
  }
  WriteSettings(request, country, out);
  out.EndObject();
  return out.Take();
}

Receipt ReadReceipt(absl::string_view body) {
  const absl::StatusOr<json::Document> document = json::Document::Parse(body);
  if (!document.ok()) return {};
  const json::Value root = document->root();
  Receipt receipt{.job_id = std::string(root["id"].AsText()),
                  .debited = ReadCredits(root["credits_used"])};
  if (!receipt.debited.has_value()) {
    receipt.debited = ReadCredits(root["credits"]["amount"]);
  }
  return receipt;
}

absl::StatusOr<JobAnswer> ReadResult(absl::string_view body,
                                     const JobContext& job) {
  ASSIGN_OR_RETURN(const json::Document document, json::Document::Parse(body));
  return job.item_count == 1 ? ReadSingle(document.root(), job)
                             : ReadBulk(document.root(), job);
}

absl::StatusOr<Event> ReadEvent(absl::string_view body, const JobContext& job) {
  ASSIGN_OR_RETURN(const json::Document document, json::Document::Parse(body));
  const json::Value root = document.root();
  // The outermost: a result that is wrapped twice has an id of its own.
  Event event{.name = std::string(root["event"].AsString()),
              .job_id = std::string(root["id"].AsText()),
              .cost = ReadCredits(root["credits"]["cost"])};
  if (event.job_id.empty()) {
    return absl::InvalidArgumentError("no event: has no \"id\"");
  }
  if (!IsSingleEvent(event.name, job.field)) return event;
  const SingleResult result = Unwrap(root);
  const Verdict verdict = VerdictOf(result.value, job.field);
  if (verdict == Verdict::kFound || verdict == Verdict::kNotFound) {
    ReadSingleItem(result, verdict, job, event.item.emplace());
  }
  // What a plan really pays for its one hit.
  if (verdict == Verdict::kFound && event.cost.value_or(Credits()).milli > 0) {
    FieldAnswer& field = event.item->fields.front();
    if (field.outcome == Outcome::kFound) field.credits = *event.cost;
  }
  return event;
}

std::string ReadErrorMessage(absl::string_view body) {
  const absl::StatusOr<json::Document> document = json::Document::Parse(body);
  if (!document.ok()) return "";
  // `reason` stands in the 402 of single searches.
  for (const absl::string_view member : {"message", "reason"}) {
    const json::Value text = document->root()[member];
    if (text.is_string()) return std::string(text.AsString());
  }
  return "";
}

std::optional<Credits> ReadBalance(absl::string_view body) {
  const absl::StatusOr<json::Document> document = json::Document::Parse(body);
  if (!document.ok()) return std::nullopt;
  return ReadCredits(document->root()["credits"]);
}

}  // namespace enrich::enrow
