#include "cli/column_map.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace enrich::cli {
namespace {

constexpr std::array<const char*, kInputFields> kNames = {
    "first_name",     "last_name",    "full_name", "company_name",
    "company_domain", "linkedin_url", "email"};

// Spellings by field, best first, folded as by Fold().
const std::array<std::vector<absl::string_view>, kInputFields>& Spellings() {
  static const auto& spellings =
      *new std::array<std::vector<absl::string_view>, kInputFields>{{
          {"firstname", "givenname", "forename", "first", "fname", "prenom",
           "vorname", "nombre", "nome", "voornaam", "contactfirstname",
           "leadfirstname", "personfirstname"},
          {"lastname", "surname", "familyname", "last", "lname", "secondname",
           "nom", "nomdefamille", "nachname", "familienname", "apellido",
           "apellidos", "cognome", "sobrenome", "achternaam", "contactlastname",
           "leadlastname", "personlastname"},
          {"fullname", "name", "contactname", "personname", "leadname",
           "displayname", "nomcomplet", "nombrecompleto", "nomecompleto",
           "vollername"},
          {"companyname",    "company",          "organization",
           "organisation",   "organizationname", "organisationname",
           "employer",       "account",          "accountname",
           "currentcompany", "business",         "entreprise",
           "societe",        "nomdelentreprise", "firma",
           "firmenname",     "unternehmen",      "empresa",
           "azienda",        "bedrijf"},
          {"companydomain",
           "domain",
           "companywebsite",
           "website",
           "domainname",
           "companydomainname",
           "companyurl",
           "websiteurl",
           "organizationdomain",
           "organizationwebsite",
           "accountdomain",
           "accountwebsite",
           "web",
           "siteweb",
           "domaine",
           "webseite",
           "internetseite",
           "sitioweb",
           "dominio",
           "sitoweb"},
          {"linkedinurl", "linkedin", "linkedinprofile", "linkedinprofileurl",
           "personlinkedinurl", "personlinkedin", "contactlinkedinurl",
           "contactlinkedin", "contactlinkedinprofileurl", "profilelinkedin",
           "profillinkedin", "linkedinlink", "liurl", "profileurl"},
          {"email", "workemail", "emailaddress", "businessemail", "mail",
           "emailprofessionnel", "adressemail", "courriel", "emailadresse",
           "correo", "correoelectronico", "contactemail"},
      }};
  return spellings;
}

// Lower case, no accents, letters and digits only.
std::string Fold(absl::string_view header) {
  static const auto& accents =
      *new std::vector<std::pair<absl::string_view, absl::string_view>>{
          {"à", "a"}, {"á", "a"}, {"â", "a"}, {"ã", "a"}, {"ä", "a"},
          {"ç", "c"}, {"è", "e"}, {"é", "e"}, {"ê", "e"}, {"ë", "e"},
          {"ì", "i"}, {"í", "i"}, {"î", "i"}, {"ï", "i"}, {"ñ", "n"},
          {"ò", "o"}, {"ó", "o"}, {"ô", "o"}, {"õ", "o"}, {"ö", "o"},
          {"ù", "u"}, {"ú", "u"}, {"û", "u"}, {"ü", "u"}, {"À", "a"},
          {"Ç", "c"}, {"È", "e"}, {"É", "e"}, {"Ê", "e"}, {"Ü", "u"}};
  std::string folded;
  for (const char c : absl::StrReplaceAll(header, accents)) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      folded.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
    }
  }
  return folded;
}

// The API refuses control characters, but a line break in a cell is harmless.
std::string Clean(absl::string_view cell) {
  std::string text(absl::StripAsciiWhitespace(cell));
  std::replace_if(
      text.begin(), text.end(),
      [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return text;
}

}  // namespace

std::optional<HeaderMatch> MatchHeader(absl::string_view header) {
  const std::string folded = Fold(header);
  for (size_t field = 0; field < kInputFields; ++field) {
    const auto& spellings = Spellings()[field];
    const auto found = std::find(spellings.begin(), spellings.end(), folded);
    if (found == spellings.end()) continue;
    return HeaderMatch{.field = static_cast<InputField>(field),
                       .rank = static_cast<size_t>(found - spellings.begin())};
  }
  return std::nullopt;
}

absl::string_view InputFieldName(InputField field) {
  return kNames[static_cast<size_t>(field)];
}

std::optional<InputField> ParseInputField(absl::string_view name) {
  for (size_t field = 0; field < kInputFields; ++field) {
    if (name == kNames[field]) return static_cast<InputField>(field);
  }
  return std::nullopt;
}

absl::StatusOr<ColumnOverrides> ParseColumnOverrides(
    absl::Span<const std::string> texts) {
  ColumnOverrides overrides;
  for (const std::string& text : texts) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(text, absl::MaxSplits('=', 1));
    const auto field = ParseInputField(parts.first);
    if (!field.has_value() || parts.second.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--map wants field=Column with a field of first_name, last_name, "
          "full_name, company_name, company_domain, linkedin_url, email; got ",
          text));
    }
    overrides[*field] = parts.second;
  }
  return overrides;
}

ColumnMap::ColumnMap(absl::Span<const std::string> columns,
                     const ColumnOverrides& overrides) {
  std::array<std::vector<std::pair<size_t, size_t>>, kInputFields> ranked;
  for (size_t i = 0; i < columns.size(); ++i) {
    bool chosen = false;
    for (const auto& [field, column] : overrides) {
      if (columns[i] != column) continue;
      ranked[static_cast<size_t>(field)].emplace_back(0, i);
      chosen = true;
    }
    const auto match = MatchHeader(columns[i]);
    if (chosen || !match || overrides.count(match->field) > 0) continue;
    ranked[static_cast<size_t>(match->field)].emplace_back(match->rank, i);
  }
  for (size_t field = 0; field < kInputFields; ++field) {
    std::sort(ranked[field].begin(), ranked[field].end());
    for (const auto& [rank, column] : ranked[field]) {
      columns_[field].push_back(column);
    }
  }
}

absl::Status ColumnMap::Check(const ColumnOverrides& overrides,
                              bool email_identifies) const {
  for (const auto& [field, column] : overrides) {
    if (!Has(field)) {
      return absl::InvalidArgumentError(
          absl::StrCat("--map ", InputFieldName(field), "=", column,
                       ": the input has no such column"));
    }
  }
  const bool name = Has(InputField::kFullName) ||
                    (Has(InputField::kFirstName) && Has(InputField::kLastName));
  const bool company =
      Has(InputField::kCompanyName) || Has(InputField::kCompanyDomain);
  if (Has(InputField::kLinkedinUrl) || (name && company)) {
    return absl::OkStatus();
  }
  if (email_identifies) {
    if (Has(InputField::kEmail)) return absl::OkStatus();
    return absl::InvalidArgumentError(
        "line 1: no column has an e-mail address to verify. Name it with "
        "--map email=COLUMN");
  }
  return absl::InvalidArgumentError(
      "line 1: the columns identify nobody; needed is a LinkedIn URL, or a "
      "name with a company or its domain. Name columns with --map, such as "
      "--map company_domain=\"Web page\"");
}

std::string ColumnMap::Text(InputField field,
                            absl::Span<const std::string> cells) const {
  for (const size_t column : columns_[static_cast<size_t>(field)]) {
    if (column >= cells.size()) continue;
    std::string text = Clean(cells[column]);
    if (!text.empty()) return text;
  }
  return "";
}

void ColumnMap::Fill(absl::Span<const std::string> cells,
                     v1::Contact& contact) const {
  std::string first = Text(InputField::kFirstName, cells);
  std::string last = Text(InputField::kLastName, cells);
  std::string full = Text(InputField::kFullName, cells);
  if (full.empty() || (!first.empty() && !last.empty())) {
    contact.set_first_name(std::move(first));
    contact.set_last_name(std::move(last));
  } else {
    contact.set_full_name(std::move(full));
  }
  contact.set_company_name(Text(InputField::kCompanyName, cells));
  contact.set_company_domain(Text(InputField::kCompanyDomain, cells));
  contact.set_linkedin_url(Text(InputField::kLinkedinUrl, cells));
  contact.set_email(Text(InputField::kEmail, cells));
}

}  // namespace enrich::cli
