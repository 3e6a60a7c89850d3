#include "model/contact.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "base/domain.h"
#include "base/text.h"

namespace enrich {
namespace {

// White space beyond ASCII, as spreadsheets leave it behind.
constexpr std::array<absl::string_view, 18> kWideSpaces = {
    "\u00A0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003",
    "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009",
    "\u200A", "\u2028", "\u2029", "\u202F", "\u205F", "\u3000"};

// Whether no white space begins or ends with this byte.
bool IsAsciiInk(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x80 && !absl::ascii_isspace(byte);
}

absl::string_view Trim(absl::string_view text) {
  if (text.empty() || (IsAsciiInk(text.front()) && IsAsciiInk(text.back()))) {
    return text;
  }
  while (true) {
    text = absl::StripAsciiWhitespace(text);
    const auto strip = [&text](absl::string_view space) {
      return absl::ConsumePrefix(&text, space) ||
             absl::ConsumeSuffix(&text, space);
    };
    if (std::none_of(kWideSpaces.begin(), kWideSpaces.end(), strip)) {
      return text;
    }
  }
}

void TrimInPlace(std::string& text) {
  const absl::string_view trimmed = Trim(text);
  if (trimmed.size() != text.size()) text = std::string(trimmed);
}

// Collects what is wrong with one contact.
class Checker {
 public:
  explicit Checker(Contact& contact) : contact_(contact) {}

  std::vector<Violation> Run() {
    CheckRef();
    CheckText("first_name", contact_.first_name, ContactLimits::kName);
    CheckText("last_name", contact_.last_name, ContactLimits::kName);
    CheckText("full_name", contact_.full_name, ContactLimits::kFullName);
    CheckText("company_name", contact_.company_name,
              ContactLimits::kCompanyName);
    Normalize("company_domain", contact_.company_domain, ContactLimits::kDomain,
              NormalizeDomain, "a domain such as acme.com");
    Normalize("linkedin_url", contact_.linkedin_url,
              ContactLimits::kLinkedinUrl, NormalizeLinkedinUrl,
              "a profile URL such as https://www.linkedin.com/in/ID");
    Normalize("email", contact_.email, ContactLimits::kEmail, NormalizeEmail,
              "an e-mail address");
    CheckIdentity();
    CheckFields();
    CheckCustom();
    return std::move(violations_);
  }

 private:
  void Add(absl::string_view field, absl::string_view description) {
    violations_.push_back(
        {.field = std::string(field), .description = std::string(description)});
  }

  // Whether `text` keeps the rules of all text. `whose` tells parts of a field
  // apart.
  bool CheckLimits(absl::string_view field, absl::string_view text,
                   int max_bytes, absl::string_view whose = "") {
    if (text.size() > static_cast<size_t>(max_bytes)) {
      Add(field, absl::StrCat(whose, "must be at most ", max_bytes, " bytes"));
      return false;
    }
    if (HasControlCharacter(text)) {
      Add(field, absl::StrCat(whose, "must not have control characters"));
      return false;
    }
    return true;
  }

  bool CheckText(absl::string_view field, std::string& text, int max_bytes) {
    TrimInPlace(text);
    return CheckLimits(field, text, max_bytes);
  }

  void CheckRef() {
    if (CheckText("contact_ref", contact_.contact_ref,
                  ContactLimits::kContactRef) &&
        contact_.contact_ref.empty()) {
      Add("contact_ref", "is required");
    }
  }

  // The limit is that of the normal form: a URL around it may be longer.
  void Normalize(absl::string_view field, std::string& text, int max_bytes,
                 absl::StatusOr<std::string> (*normalize)(absl::string_view),
                 absl::string_view what) {
    constexpr size_t kLongestSpelling = 2048;
    TrimInPlace(text);
    if (text.empty()) return;
    if (HasControlCharacter(text)) {
      Add(field, "must not have control characters");
      return;
    }
    absl::StatusOr<std::string> normal = "";
    if (text.size() <= kLongestSpelling) normal = normalize(text);
    if (!normal.ok() || normal->empty() ||
        normal->size() > static_cast<size_t>(max_bytes)) {
      Add(field,
          absl::StrCat("must be ", what, ", at most ", max_bytes, " bytes"));
      return;
    }
    text = *std::move(normal);
  }

  void CheckIdentity() {
    const bool has_parts =
        !contact_.first_name.empty() || !contact_.last_name.empty();
    if (!contact_.full_name.empty() && has_parts) {
      Add("full_name",
          "must not come with first_name or last_name: give one spelling of "
          "the name");
    }
    // Not as a set: nobody has checked yet that these are fields.
    const auto verifications =
        std::count(contact_.fields.begin(), contact_.fields.end(),
                   ContactField::kEmailVerification);
    if (verifications > 0 && contact_.email.empty()) {
      Add("email", "is required for email_verification");
    }
    const auto fields = static_cast<std::ptrdiff_t>(contact_.fields.size());
    if (verifications > 0 && verifications == fields) return;
    if (!contact_.linkedin_url.empty()) return;
    if (contact_.full_name.empty()) CheckNameParts(has_parts);
    if (has_parts || !contact_.full_name.empty()) {
      if (!contact_.HasCompany()) {
        Add("company_domain",
            "or company_name is required with a name, unless linkedin_url is "
            "given");
      }
    }
  }

  void CheckNameParts(bool has_parts) {
    if (!has_parts) {
      Add("linkedin_url",
          "is required, or else a name with company_domain or company_name");
    } else if (contact_.last_name.empty()) {
      Add("last_name",
          "is required with first_name, unless linkedin_url is given");
    } else if (contact_.first_name.empty()) {
      Add("first_name",
          "is required with last_name, unless linkedin_url is given");
    }
  }

  void CheckFields() {
    std::vector<ContactField> unique;
    for (const ContactField field : contact_.fields) {
      if (FieldName(field).empty()) {
        Add("fields", "must hold known fields only");
        return;
      }
      if (std::find(unique.begin(), unique.end(), field) == unique.end()) {
        unique.push_back(field);
      }
    }
    if (unique.empty()) Add("fields", "must name at least 1 field");
    contact_.fields = std::move(unique);
  }

  void CheckCustom() {
    auto& custom = contact_.custom;
    if (custom.size() > ContactLimits::kCustomEntries) {
      Add("custom", absl::StrCat("must have at most ",
                                 ContactLimits::kCustomEntries, " entries"));
      return;
    }
    std::sort(custom.begin(), custom.end());
    for (const auto& [key, value] : custom) {
      if (!CheckLimits("custom", key, ContactLimits::kCustomKey, "keys ") ||
          !CheckLimits("custom", value, ContactLimits::kCustomValue,
                       "values ")) {
        return;
      }
    }
  }

  Contact& contact_;
  std::vector<Violation> violations_;
};

}  // namespace

std::string Contact::DisplayName() const {
  if (!full_name.empty()) return full_name;
  if (first_name.empty() || last_name.empty()) {
    return absl::StrCat(first_name, last_name);
  }
  return absl::StrCat(first_name, " ", last_name);
}

std::pair<std::string, std::string> Contact::SplitName() const {
  if (!first_name.empty() || !last_name.empty() || full_name.empty()) {
    return {first_name, last_name};
  }
  const absl::string_view name = full_name;
  const size_t space = name.find(' ');
  if (space == name.npos) return {full_name, ""};
  return {std::string(name.substr(0, space)),
          std::string(Trim(name.substr(space)))};
}

FieldSet Contact::field_set() const {
  FieldSet set;
  for (const ContactField field : fields) set |= field;
  return set;
}

std::vector<Violation> NormalizeContact(Contact& contact) {
  return Checker(contact).Run();
}

}  // namespace enrich
