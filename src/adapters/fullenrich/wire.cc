#include "adapters/fullenrich/wire.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "adapters/fullenrich/profile.h"
#include "base/json.h"
#include "base/phone.h"
#include "base/status_macros.h"

namespace enrich::fullenrich {
namespace {

// Our key in an item's `custom`. Job ids of theirs and positions are never
// used to attribute an item: their order is not promised.
constexpr absl::string_view kCustomKey = "eg";

// More values than this for one field are noise; it bounds what a hostile body
// can make us compare and normalise.
constexpr size_t kMaxValues = 32;

// ---- Submission -------------------------------------------------------------

void WriteContact(const SubmitItem& item, json::Writer& out) {
  const Contact& contact = *item.contact;
  const auto [first_name, last_name] = contact.SplitName();
  out.StartObject();
  // Half a name is refused, even beside the LinkedIn URL that would suffice.
  if (!first_name.empty() && !last_name.empty()) {
    out.Member("first_name", first_name).Member("last_name", last_name);
  }
  out.MemberIfSet("domain", contact.company_domain);
  out.MemberIfSet("company_name", contact.company_name);
  // One of their examples says professional_network_url; the schema and all
  // known clients say this.
  out.MemberIfSet("linkedin_url", contact.linkedin_url);
  out.Key("enrich_fields").StartArray();
  for (const FieldSpelling& spelling : kFieldSpellings) {
    if (item.fields.Has(spelling.field)) out.String(spelling.wanted);
  }
  out.EndArray();
  out.Key("custom").StartObject().Member(kCustomKey, item.key).EndObject();
  out.EndObject();
}

// ---- Values -----------------------------------------------------------------

EmailQuality QualityOf(absl::string_view status) {
  static constexpr std::pair<absl::string_view, EmailQuality> kQualities[] = {
      {"DELIVERABLE", EmailQuality::kDeliverable},
      {"HIGH_PROBABILITY", EmailQuality::kHighProbability},
      {"CATCH_ALL", EmailQuality::kCatchAll},
      {"INVALID", EmailQuality::kInvalid},
      // In their schema only.
      {"INVALID_DOMAIN", EmailQuality::kInvalid},
  };
  // Their prose also has "CATCH_All".
  for (const auto& [name, quality] : kQualities) {
    if (absl::EqualsIgnoreCase(status, name)) return quality;
  }
  return EmailQuality::kUnknown;
}

LineType LineTypeOf(absl::string_view line_type) {
  if (absl::EqualsIgnoreCase(line_type, "MOBILE")) return LineType::kMobile;
  if (absl::EqualsIgnoreCase(line_type, "LANDLINE")) return LineType::kLandline;
  if (absl::EqualsIgnoreCase(line_type, "VOIP")) return LineType::kVoip;
  return LineType::kUnknown;
}

void AddEmail(absl::string_view address, absl::string_view status,
              std::vector<EmailValue>& emails) {
  const EmailQuality quality = QualityOf(status);
  for (EmailValue& known : emails) {
    if (!absl::EqualsIgnoreCase(known.address, address)) continue;
    if (known.quality == EmailQuality::kUnknown) known.quality = quality;
    return;
  }
  emails.push_back({.address = std::string(address), .quality = quality});
}

void AddPhone(absl::string_view number, absl::string_view region,
              absl::string_view line_type, std::vector<PhoneValue>& phones) {
  const LineType stated = LineTypeOf(line_type);
  // Most lists repeat the best number as it is spelt there. Normalising is
  // dearer than everything else together, so that comes last.
  for (PhoneValue& known : phones) {
    if (known.provider_spelling != number) continue;
    if (stated != LineType::kUnknown) known.line_type = stated;
    return;
  }
  NormalizedPhone phone = NormalizePhone(number, region);
  for (PhoneValue& known : phones) {
    if (phone.e164.empty() || known.e164 != phone.e164) continue;
    if (stated != LineType::kUnknown) known.line_type = stated;
    return;
  }
  phones.push_back(
      {.e164 = std::move(phone.e164),
       .region = phone.region.empty() ? absl::AsciiStrToUpper(region)
                                      : std::move(phone.region),
       .line_type = stated == LineType::kUnknown ? phone.line_type : stated,
       .provider_spelling = std::string(number)});
}

// Adds one entry, such as {"email":"..","status":".."}, to `answer`. False for
// something that cannot be understood; null and entries without a value can.
bool AddValue(const json::Value& entry, FieldAnswer& answer) {
  if (entry.null()) return true;
  // A bare string is how v1 had some of them.
  json::Value value = entry;
  absl::string_view status;
  absl::string_view region;
  absl::string_view line_type;
  if (entry.is_object()) {
    value = json::Value();
    for (const json::Value member : entry) {
      const absl::string_view key = member.key();
      if (key == "email" || key == "number") value = member;
      if (key == "status") status = member.AsString();
      if (key == "region") region = member.AsString();
      if (key == "line_type") line_type = member.AsString();
    }
  }
  if (!value.null() && !value.is_string()) return false;
  const absl::string_view text = absl::StripAsciiWhitespace(value.AsString());
  if (text.empty()) return true;
  if (answer.field == ContactField::kPhone) {
    AddPhone(text, region, line_type, answer.phones);
  } else {
    AddEmail(text, status, answer.emails);
  }
  return true;
}

// ---- Fields -----------------------------------------------------------------

// The members of `contact_info` that belong to one field.
struct FieldMembers {
  json::Value best = {};
  json::Value all = {};
};
using ContactInfo = std::array<FieldMembers, kFieldSpellings.size()>;

ContactInfo SplitContactInfo(const json::Value& info) {
  ContactInfo split;
  for (const json::Value member : info) {
    const absl::string_view key = member.key();
    for (size_t i = 0; i < kFieldSpellings.size(); ++i) {
      if (key == kFieldSpellings[i].best) split[i].best = member;
      if (key == kFieldSpellings[i].all) split[i].all = member;
    }
  }
  return split;
}

// Lists are in no promised order. The address they call the most probable stays
// in front of better verified ones, as long as it works at all.
void SortBestFirst(bool has_most_probable, std::vector<EmailValue>& emails) {
  auto first = emails.begin();
  if (has_most_probable && first != emails.end() &&
      first->quality != EmailQuality::kInvalid) {
    ++first;
  }
  std::stable_sort(first, emails.end(),
                   [](const EmailValue& a, const EmailValue& b) {
                     return a.quality < b.quality;
                   });
}

// Adds the values, the most probable first. False when something among them
// cannot be understood.
bool AddValues(const FieldMembers& members, FieldAnswer& answer) {
  bool understood = AddValue(members.best, answer);
  const bool has_most_probable = !answer.emails.empty();
  // `null` instead of an empty list is common.
  if (!members.all.null() && !members.all.is_array()) return false;
  size_t seen = 0;
  for (const json::Value entry : members.all) {
    if (++seen > kMaxValues) break;
    understood = AddValue(entry, answer) && understood;
  }
  SortBestFirst(has_most_probable, answer.emails);
  return understood;
}

// A verdict this version does not know is taken to cost what the others cost.
bool IsCharged(const FieldAnswer& answer) {
  if (!answer.phones.empty()) return true;
  for (const EmailValue& email : answer.emails) {
    if (email.quality != EmailQuality::kInvalid) return true;
  }
  return false;
}

// What the item says of a field; nothing when that would be a guess.
std::optional<FieldAnswer> ReadField(ContactField field,
                                     const FieldMembers& members, bool finished,
                                     const OperationSpec& operation) {
  FieldAnswer answer{.field = field};
  const bool understood = AddValues(members, answer);
  if (IsCharged(answer)) {
    answer.outcome = Outcome::kFound;
    // Per field, not per value. Landlines are said to be free, but only for
    // some plans and not by the price list: the price stays.
    answer.credits = operation.PriceOf(field);
    return answer;
  }
  // INVALID addresses are free. They are no answer before the job has finished:
  // a better one may follow.
  if (!finished) return std::nullopt;
  if (!answer.emails.empty()) {
    answer.outcome = Outcome::kFound;
    return answer;
  }
  if (!understood) return std::nullopt;
  answer.outcome = Outcome::kNotFound;
  return answer;
}

// ---- Items ------------------------------------------------------------------

void ReadItem(const json::Value& item, JobPhase phase,
              const OperationSpec& operation, bool want_raw,
              ItemAnswer& answer) {
  const bool finished = phase == JobPhase::kFinished;
  answer.fields.reserve(kFieldSpellings.size());
  json::Value info;
  json::Value profile;
  for (const json::Value member : item) {
    const absl::string_view key = member.key();
    if (key == "custom") {
      answer.key = std::string(member[kCustomKey].AsString());
    } else if (key == "contact_info") {
      info = member;
    } else if (key == "profile") {
      profile = member;
    }
  }
  // Without data, absent or null is how a miss looks, and how a contact looks
  // that silentFail skipped: the two cannot be told apart.
  if (info.null() || info.is_object()) {
    const ContactInfo members = SplitContactInfo(info);
    for (size_t i = 0; i < kFieldSpellings.size(); ++i) {
      std::optional<FieldAnswer> field =
          ReadField(kFieldSpellings[i].field, members[i], finished, operation);
      if (field.has_value()) answer.fields.push_back(*std::move(field));
    }
  }
  // The rest of an unfinished item comes again.
  if (phase == JobPhase::kRunning && answer.fields.empty()) return;
  ReadProfile(profile, answer.profile);
  if (want_raw) answer.raw = item.ToJson();
}

JobPhase PhaseOf(absl::string_view status) {
  if (absl::EqualsIgnoreCase(status, "FINISHED")) return JobPhase::kFinished;
  if (absl::EqualsIgnoreCase(status, "CANCELED")) return JobPhase::kCancelled;
  if (absl::EqualsIgnoreCase(status, "CREDITS_INSUFFICIENT")) {
    return JobPhase::kOutOfCredits;
  }
  // CREATED and IN_PROGRESS. RATE_LIMIT and UNKNOWN are not explained anywhere,
  // and other words may come: perhaps such a job goes on, perhaps it is dead.
  // Calling it dead too early loses results that were paid for, so it runs
  // until it says more or PollSpec.give_up_after has passed.
  return JobPhase::kRunning;
}

void ReadItems(const json::Value& data, const OperationSpec& operation,
               bool want_raw, JobAnswer& answer) {
  answer.items.reserve(data.size());
  for (const json::Value item : data) {
    // Nothing in it could be attributed to a contact.
    if (!item.is_object()) continue;
    ItemAnswer& read = answer.items.emplace_back();
    ReadItem(item, answer.phase, operation, want_raw, read);
    if (answer.phase == JobPhase::kRunning && read.fields.empty()) {
      answer.items.pop_back();
    }
  }
}

}  // namespace

std::string WriteSubmission(const SubmitRequest& request) {
  json::Writer out;
  out.StartObject();
  // Not only a label: it is what a person searches for on their dashboard to
  // settle a submission whose answer was lost.
  out.Member("name", absl::StrCat("eg1:", request.reference));
  if (!request.callback_url.empty()) {
    out.Member("webhook_url", request.callback_url);
    // The per-contact event is the earliest evidence that the job exists.
    out.Key("webhook_events").StartObject();
    out.Member("contact_finished", request.callback_url).EndObject();
  }
  out.Key("data").StartArray();
  for (const SubmitItem& item : request.items) WriteContact(item, out);
  out.EndArray().EndObject();
  return out.Take();
}

std::string ReadEnrichmentId(absl::string_view body) {
  const absl::StatusOr<json::Document> document = json::Document::Parse(body);
  if (!document.ok()) return "";
  return std::string(document->root()["enrichment_id"].AsString());
}

absl::StatusOr<ResultBody> ReadResult(absl::string_view body,
                                      const OperationSpec& operation,
                                      bool want_raw) {
  ASSIGN_OR_RETURN(const json::Document document, json::Document::Parse(body));
  json::Value id;
  json::Value status;
  json::Value cost;
  json::Value data;
  for (const json::Value member : document.root()) {
    const absl::string_view key = member.key();
    if (key == "id") id = member;
    if (key == "status") status = member;
    if (key == "cost") cost = member;
    if (key == "data") data = member;
    if (key == "datas") {
      return absl::InvalidArgumentError("a result of API v1 (\"datas\")");
    }
  }
  if (!status.is_string()) {
    return absl::InvalidArgumentError("no result: has no \"status\"");
  }
  if (!data.null() && !data.is_array()) {
    return absl::InvalidArgumentError("no result: \"data\" is no list");
  }
  if (data.size() > kMaxContactsPerJob) {
    return absl::InvalidArgumentError("no result: too many items");
  }
  ResultBody result{.job_id = std::string(id.AsString()),
                    .answer = {.phase = PhaseOf(status.AsString())}};
  ReadItems(data, operation, want_raw, result.answer);
  // While a job runs it is not known whether the cost is that of the contact or
  // of the job so far.
  if (const std::optional<double> credits = cost["credits"].AsDouble();
      credits.has_value() && result.answer.phase != JobPhase::kRunning) {
    result.answer.cost = Credits::FromDouble(*credits);
  }
  return result;
}

ErrorBody ReadError(absl::string_view body) {
  const absl::StatusOr<json::Document> document = json::Document::Parse(body);
  if (!document.ok()) return {};
  const json::Value root = document->root();
  return {.code = std::string(root["code"].AsString()),
          .message = std::string(root["message"].AsString())};
}

std::optional<Credits> ReadBalance(absl::string_view body) {
  const absl::StatusOr<json::Document> document = json::Document::Parse(body);
  if (!document.ok()) return std::nullopt;
  const std::optional<double> balance = document->root()["balance"].AsDouble();
  if (!balance.has_value()) return std::nullopt;
  return Credits::FromDouble(*balance);
}

}  // namespace enrich::fullenrich
