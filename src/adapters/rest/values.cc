#include "adapters/rest/values.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "adapters/rest/load_words.h"
#include "base/phone.h"

namespace enrich::rest {
namespace {

// More values than this for one field are noise; it bounds what a hostile body
// can make us compare and normalise.
constexpr size_t kMaxValues = 32;

void AddEmail(absl::string_view address, EmailQuality quality,
              std::vector<EmailValue>& emails) {
  for (EmailValue& known : emails) {
    if (!absl::EqualsIgnoreCase(known.address, address)) continue;
    if (known.quality == EmailQuality::kUnknown) known.quality = quality;
    return;
  }
  emails.push_back({.address = std::string(address), .quality = quality});
}

void AddPhone(absl::string_view number, absl::string_view region,
              std::vector<PhoneValue>& phones) {
  // Lists repeat a number as it is spelt. Normalising is dearer than everything
  // else together, so that comes last.
  const auto spelt = [number](const PhoneValue& known) {
    return known.provider_spelling == number;
  };
  if (std::any_of(phones.begin(), phones.end(), spelt)) return;
  NormalizedPhone phone = NormalizePhone(number, region);
  const auto same = [&phone](const PhoneValue& known) {
    return !phone.e164.empty() && known.e164 == phone.e164;
  };
  if (std::any_of(phones.begin(), phones.end(), same)) return;
  phones.push_back({.e164 = std::move(phone.e164),
                    .region = phone.region.empty()
                                  ? absl::AsciiStrToUpper(region)
                                  : std::move(phone.region),
                    .line_type = phone.line_type,
                    .provider_spelling = std::string(number)});
}

// What there is to know of a value: itself, and its grade or region.
struct Entry {
  absl::string_view text = {};
  absl::string_view about = {};
  bool understood = true;
};

// Null, and an object without a value, are no values and no mistakes.
Entry ReadEntry(const Value& value, bool phone, Arena& arena) {
  Entry entry;
  Value text = value;
  if (value.type() == json::Type::kObject) {
    text = Value();
    value.ForEachMember([&](absl::string_view key, const Value& member) {
      if (key == (phone ? "number" : "address")) text = member;
      if (key == (phone ? "region" : "grade")) entry.about = member.AsString();
    });
  }
  entry.text = absl::StripAsciiWhitespace(text.AsText(arena));
  entry.understood = text.null() || text.type() == json::Type::kString ||
                     (phone && text.type() == json::Type::kNumber);
  return entry;
}

// Adds one value; false for something that cannot be understood.
bool AddValue(const Value& value, AnswerBody& body, FieldAnswer& answer) {
  const bool phone = answer.field == ContactField::kPhone;
  const Entry entry = ReadEntry(value, phone, body.arena());
  if (!entry.understood) return false;
  if (entry.text.empty()) return true;
  if (phone) {
    AddPhone(entry.text, entry.about, answer.phones);
    return true;
  }
  // "N/A" and the like are no addresses, whatever stands beside them.
  if (!absl::StrContains(entry.text, '@')) return false;
  const std::optional<EmailQuality> quality =
      entry.about.empty() ? EmailQuality::kUnknown : GradeOf(entry.about);
  AddEmail(entry.text, quality.value_or(EmailQuality::kUnknown), answer.emails);
  return quality.has_value();
}

void SetText(const std::optional<Expression>& expression, const Value& element,
             AnswerBody& body, std::string& field) {
  if (!expression.has_value()) return;
  const absl::string_view text = body.Evaluate(*expression, element).AsString();
  field.assign(text.data(), text.size());
}

bool IsEmpty(const Profile& profile) {
  return profile.full_name.empty() && profile.job_title.empty() &&
         profile.location.empty() && profile.linkedin_url.empty() &&
         profile.company_name.empty() && profile.company_domain.empty() &&
         profile.company_industry.empty() && profile.company_headcount == 0;
}

}  // namespace

void AddValues(const FieldPlan& plan, const Value& element, const Place& place,
               AnswerBody& body, FieldAnswer& answer) {
  if (!plan.values.has_value()) return;
  const Value values = body.Evaluate(*plan.values, element);
  bool understood = true;
  if (values.type() == json::Type::kArray) {
    size_t seen = 0;
    values.ForEachElement([&](const Value& value) {
      if (++seen > kMaxValues) return;
      understood = AddValue(value, body, answer) && understood;
    });
  } else {
    understood = AddValue(values, body, answer);
  }
  if (!understood) {
    body.AddDrift(place, &*plan.values, "a value that cannot be understood");
  }
  if (answer.emails.size() < 2) return;
  // Lists are in no promised order.
  std::stable_sort(answer.emails.begin(), answer.emails.end(),
                   [](const EmailValue& a, const EmailValue& b) {
                     return a.quality < b.quality;
                   });
}

void ReadProfile(const ProfilePlan& plan, const Value& element,
                 AnswerBody& body, std::optional<Profile>& profile) {
  Profile& out = profile.emplace();
  SetText(plan.full_name, element, body, out.full_name);
  SetText(plan.job_title, element, body, out.job_title);
  SetText(plan.location, element, body, out.location);
  SetText(plan.linkedin_url, element, body, out.linkedin_url);
  SetText(plan.company_name, element, body, out.company_name);
  SetText(plan.company_domain, element, body, out.company_domain);
  SetText(plan.company_industry, element, body, out.company_industry);
  if (plan.company_headcount.has_value()) {
    int64_t headcount = 0;
    const Value value = body.Evaluate(*plan.company_headcount, element);
    if (absl::SimpleAtoi(value.AsText(body.arena()), &headcount) &&
        headcount > 0) {
      out.company_headcount = headcount;
    }
  }
  if (IsEmpty(out)) profile.reset();
}

}  // namespace enrich::rest
