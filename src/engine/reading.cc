#include "engine/reading.h"

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "base/crypto.h"

namespace enrich {
namespace {

// Enough for two readings of one body to be told apart.
constexpr size_t kFingerprintBytes = 16;

// Writes values so that no two lists of them look the same.
class Canonical {
 public:
  void Add(absl::string_view text) {
    Add(static_cast<int64_t>(text.size()));
    bytes_.append(text.data(), text.size());
  }
  // In the machine's order: readings are compared by the one that made them.
  void Add(int64_t number) {
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof(number));
  }
  void Add(const std::optional<Credits>& credits) {
    Add(credits.has_value() ? 1 : 0);
    if (credits.has_value()) Add(credits->milli);
  }

  void Add(const FieldAnswer& field) {
    Add(static_cast<int64_t>(field.field));
    Add(static_cast<int64_t>(field.outcome));
    Add(static_cast<int64_t>(field.reason));
    Add(field.credits.milli);
    Add(static_cast<int64_t>(field.emails.size()));
    for (const EmailValue& email : field.emails) {
      Add(email.address);
      Add(static_cast<int64_t>(email.quality));
    }
    Add(static_cast<int64_t>(field.phones.size()));
    for (const PhoneValue& phone : field.phones) {
      Add(phone.e164);
      Add(phone.region);
      Add(static_cast<int64_t>(phone.line_type));
      Add(phone.provider_spelling);
    }
  }

  void Add(const Profile& profile) {
    for (const std::string* text :
         {&profile.full_name, &profile.job_title, &profile.location,
          &profile.linkedin_url, &profile.company_name, &profile.company_domain,
          &profile.company_industry}) {
      Add(*text);
    }
    Add(profile.company_headcount);
  }

  void Add(const ItemAnswer& item) {
    Add(item.key);
    Add(item.echo.has_value() ? static_cast<int64_t>(item.echo->input) : -1);
    if (item.echo.has_value()) Add(item.echo->value);
    Add(item.index.value_or(-1));
    Add(static_cast<int64_t>(item.fields.size()));
    for (const FieldAnswer& field : item.fields) Add(field);
    Add(item.profile.has_value() ? 1 : 0);
    if (item.profile.has_value()) Add(*item.profile);
  }

  std::string Fingerprint() const {
    return Sha256(bytes_).substr(0, kFingerprintBytes);
  }

 private:
  std::string bytes_;
};

}  // namespace

std::string ReadingOf(const WebhookAnswer& answer) {
  Canonical canonical;
  canonical.Add(answer.provider_job_id);
  canonical.Add(answer.fetch ? 1 : 0);
  canonical.Add(answer.answer.has_value() ? 1 : 0);
  if (answer.answer.has_value()) {
    canonical.Add(static_cast<int64_t>(answer.answer->phase));
    canonical.Add(answer.answer->cost);
    for (const ItemAnswer& item : answer.answer->items) canonical.Add(item);
    for (const std::string& drift : answer.answer->drift) canonical.Add(drift);
  }
  return canonical.Fingerprint();
}

}  // namespace enrich
