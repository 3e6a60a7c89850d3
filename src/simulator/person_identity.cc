#include "simulator/person_identity.h"

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/domain.h"

namespace enrich::simulator {
namespace {

// U+00C0..U+017F without their accents, lower case.
constexpr absl::string_view kFolded =
    "aaaaaaaceeeeiiiidnooooo ouuuuyts"
    "aaaaaaaceeeeiiiidnooooo ouuuuyty"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkk"
    "llllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuu"
    "wwyyyzzzzzzs";
static_assert(kFolded.size() == 0x180 - 0xC0);

// Lower case, accents off, words joined with '-'. Other alphabets stay as they
// are: they still tell people apart.
std::string Fold(absl::string_view text) {
  std::string out;
  bool gap = false;
  const auto append = [&](char c) {
    if (gap && !out.empty()) out += '-';
    gap = false;
    out += c;
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (absl::ascii_isalnum(byte)) {
      append(absl::ascii_tolower(byte));
    } else if (byte < 0x80) {
      // Not a gap: O'Neil is one word.
      if (byte != '\'') gap = true;
    } else if (byte >= 0xC3 && byte <= 0xC5 && i + 1 < text.size()) {
      const size_t code = (byte & 0x1Fu) << 6 | (text[++i] & 0x3F);
      append(kFolded[code - 0xC0]);
    } else {
      append(text[i]);
    }
  }
  return out;
}

void FillName(const PersonQuery& query, absl::string_view profile,
              PersonIdentity& out) {
  std::string full = Fold(query.full_name);
  if (full.empty() && query.first_name.empty() && query.last_name.empty()) {
    full = Fold(profile);
  }
  if (full.empty()) {
    out.first = Fold(query.first_name);
    out.last = Fold(query.last_name);
    return;
  }
  const size_t space = full.find('-');
  out.first = full.substr(0, space);
  if (space == std::string::npos) return;
  out.last = full.substr(space + 1);
}

}  // namespace

std::string AsciiOf(absl::string_view folded, absl::string_view fallback) {
  std::string out;
  for (const char c : folded.substr(0, 30)) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-') {
      out += c;
    }
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out.empty() ? std::string(fallback) : out;
}

absl::string_view ProfileId(absl::string_view url) {
  const size_t at = url.find("/in/");
  if (at == absl::string_view::npos) return {};
  const absl::string_view id = url.substr(at + 4);
  return id.substr(0, id.find_first_of("/?#"));
}

std::string Capitalized(absl::string_view folded) {
  std::string out(folded);
  bool start = true;
  for (char& c : out) {
    if (start) c = absl::ascii_toupper(static_cast<unsigned char>(c));
    start = c == '-' || c == ' ';
    if (c == '-') c = ' ';
  }
  return out;
}

std::string DomainOf(const PersonQuery& query) {
  if (!query.domain.empty()) {
    absl::StatusOr<std::string> domain = NormalizeDomain(query.domain);
    if (domain.ok()) return *std::move(domain);
  }
  const std::string company =
      Fold(query.domain.empty() ? query.company_name : query.domain);
  if (company.empty()) return "";
  return absl::StrCat(AsciiOf(company, "company"), ".example");
}

PersonIdentity Identify(const PersonQuery& query) {
  PersonIdentity out;
  const std::string profile =
      absl::AsciiStrToLower(ProfileId(query.linkedin_url));
  FillName(query, profile, out);
  out.domain = DomainOf(query);
  const bool has_name = !out.first.empty() && !out.last.empty();
  const std::string at_work =
      absl::StrCat(out.first, "-", out.last, "@", out.domain);
  const std::string on_profile = absl::StrCat("in/", profile);
  out.work_key = (has_name && !out.domain.empty()) || profile.empty()
                     ? at_work
                     : on_profile;
  out.private_key = profile.empty() ? at_work : on_profile;
  if (out.domain.empty()) out.domain = "northwind.example";
  out.company_name =
      query.company_name.empty()
          ? Capitalized(out.domain.substr(0, out.domain.find('.')))
          : query.company_name;
  return out;
}

}  // namespace enrich::simulator
