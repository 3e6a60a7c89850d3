#include "simulator/played_person.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace enrich::simulator {
namespace {

std::string ValueOf(const ContactValues& contact, const std::string& input) {
  const auto found = contact.find(input);
  return found == contact.end() ? "" : found->second;
}

// Lower-case letters and digits, in words joined with dots.
std::string Words(absl::string_view text) {
  std::string out;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      out += absl::ascii_tolower(static_cast<unsigned char>(c));
    } else if (!out.empty() && out.back() != '.') {
      out += '.';
    }
  }
  while (!out.empty() && out.back() == '.') out.pop_back();
  return out;
}

std::string LocalPart(const ContactValues& contact) {
  std::string name = ValueOf(contact, "full_name");
  if (name.empty()) {
    name = absl::StrCat(ValueOf(contact, "first_name"), " ",
                        ValueOf(contact, "last_name"));
  }
  if (Words(name).empty()) {
    const std::string url = ValueOf(contact, "linkedin_url");
    name = url.substr(url.rfind('/') + 1);
  }
  if (Words(name).empty()) {
    const std::string email = ValueOf(contact, "email");
    name = email.substr(0, email.find('@'));
  }
  const std::string words = Words(name);
  return words.empty() ? "contact" : words;
}

std::string Domain(const ContactValues& contact) {
  std::string domain = ValueOf(contact, "company_domain");
  if (absl::StrContains(domain, '.')) return domain;
  const std::string company = Words(ValueOf(contact, "company_name"));
  return company.empty() ? "mail.example" : absl::StrCat(company, ".example");
}

}  // namespace

std::string IdentityOf(const ContactValues& contact) {
  std::string identity;
  for (const auto& [input, value] : contact) {
    if (input != "ref") absl::StrAppend(&identity, value, "\n");
  }
  return absl::AsciiStrToLower(identity);
}

std::string EmailOf(const ContactValues& contact, size_t number) {
  return absl::StrCat(LocalPart(contact),
                      number == 0 ? "" : absl::StrCat(".", number), "@",
                      Domain(contact));
}

std::string PhoneOf(const PersonOracle& oracle, const ContactValues& contact,
                    size_t number) {
  // Everybody has a mobile who has that name.
  const Person person =
      oracle.Find(Provider::kFullEnrich,
                  {.first_name = absl::StrCat(IdentityOf(contact), " ", number),
                   .last_name = "Found",
                   .domain = "mail.example"});
  return person.mobile.has_value() ? person.mobile->E164() : "";
}

}  // namespace enrich::simulator
