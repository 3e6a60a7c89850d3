#include "base/domain.h"

#include <idn2.h>
#include <libpsl.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "base/text.h"

namespace enrich {
namespace {

constexpr size_t kMaxHost = 253;
constexpr size_t kMaxLabel = 63;
constexpr size_t kMaxLocalPart = 64;

absl::Status NotADomain(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("not a domain: ", why));
}

absl::Status NotAProfile() {
  return absl::InvalidArgumentError(
      "not a LinkedIn profile URL such as https://www.linkedin.com/in/ID");
}

bool IsAscii(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), absl::ascii_isascii);
}

bool IsHostCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-';
}

// Takes "scheme:" and "//" off. Whether there was a scheme.
bool ConsumeScheme(absl::string_view& url) {
  const size_t end = url.find("://");
  if (end == url.npos) {
    absl::ConsumePrefix(&url, "//");
    return false;
  }
  const absl::string_view scheme = url.substr(0, end);
  if (!absl::EqualsIgnoreCase(scheme, "http") &&
      !absl::EqualsIgnoreCase(scheme, "https")) {
    return false;
  }
  url.remove_prefix(end + 3);
  return true;
}

// What a URL or host name has between its scheme and its port.
absl::string_view HostPart(absl::string_view url) {
  const bool is_url = ConsumeScheme(url);
  absl::string_view host = url.substr(0, url.find_first_of("/?#\\"));
  // Without a scheme this is an e-mail address, whose domain may well be a
  // mail provider's.
  if (const size_t at = host.rfind('@'); is_url && at != host.npos) {
    host.remove_prefix(at + 1);
  }
  if (const size_t colon = host.rfind(':'); colon != host.npos) {
    const absl::string_view port = host.substr(colon + 1);
    if (std::all_of(port.begin(), port.end(), absl::ascii_isdigit)) {
      host = host.substr(0, colon);
    }
  }
  absl::ConsumeSuffix(&host, ".");
  return host;
}

// Lower-case ASCII form of an international name.
absl::StatusOr<std::string> ToAscii(absl::string_view host) {
  if (!IsValidUtf8(host)) return NotADomain("not valid UTF-8");
  char* ascii = nullptr;
  const int result = idn2_to_ascii_8z(
      std::string(host).c_str(), &ascii,
      IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL | IDN2_USE_STD3_ASCII_RULES);
  const std::unique_ptr<char, void (*)(void*)> owner(ascii, idn2_free);
  if (result != IDN2_OK) return NotADomain("not a valid international name");
  return absl::AsciiStrToLower(ascii);
}

bool IsLabel(absl::string_view label) {
  return !label.empty() && label.size() <= kMaxLabel && label.front() != '-' &&
         label.back() != '-' &&
         std::all_of(label.begin(), label.end(), IsHostCharacter);
}

// Browsers read a host whose last label is a number as an IPv4 address.
bool LooksLikeAddress(absl::string_view last_label) {
  return std::all_of(last_label.begin(), last_label.end(),
                     absl::ascii_isdigit) ||
         absl::StartsWith(last_label, "0x");
}

// Whether `host` is a public suffix. Only those of registries count: the rest
// of the list are companies' own domains.
bool IsPublicSuffix(const std::string& host) {
  return psl_is_public_suffix2(psl_builtin(), host.c_str(), PSL_TYPE_ICANN) !=
         0;
}

// Lower-case ASCII form of a host name with a registrable domain.
absl::StatusOr<std::string> CanonicalHost(absl::string_view host) {
  if (host.empty()) return NotADomain("no host name");
  // An international name is longer in ASCII, but not that much shorter.
  if (host.size() > 4 * kMaxHost) return NotADomain("over 253 bytes");
  std::string ascii = absl::AsciiStrToLower(host);
  if (!IsAscii(host) || absl::StrContains(ascii, "xn--")) {
    ASSIGN_OR_RETURN(ascii, ToAscii(host));
  }
  if (ascii.size() > kMaxHost) return NotADomain("over 253 bytes");
  const std::vector<absl::string_view> labels = absl::StrSplit(ascii, '.');
  if (!std::all_of(labels.begin(), labels.end(), IsLabel)) {
    return NotADomain("not a host name");
  }
  if (LooksLikeAddress(labels.back())) return NotADomain("an IP address");
  if (IsPublicSuffix(ascii)) return NotADomain("a public suffix");
  return ascii;
}

bool IsLinkedinHost(absl::string_view host) {
  if (absl::EqualsIgnoreCase(host, "linkedin.com")) return true;
  if (!absl::EndsWithIgnoreCase(host, ".linkedin.com")) return false;
  host.remove_suffix(absl::string_view(".linkedin.com").size());
  // A country, or the mobile site.
  return absl::EqualsIgnoreCase(host, "www") ||
         absl::EqualsIgnoreCase(host, "m") ||
         (host.size() == 2 &&
          std::all_of(host.begin(), host.end(), absl::ascii_isalpha));
}

// The part of the path that names the person: /in/ID, or as Sales Navigator
// has it /sales/lead/ID,... and /sales/people/ID,...
absl::string_view ProfileId(absl::string_view path) {
  const std::vector<absl::string_view> parts = absl::StrSplit(path, '/');
  if (parts.size() >= 2 && absl::EqualsIgnoreCase(parts[0], "in")) {
    return parts[1];
  }
  if (parts.size() >= 3 && absl::EqualsIgnoreCase(parts[0], "sales") &&
      (absl::EqualsIgnoreCase(parts[1], "lead") ||
       absl::EqualsIgnoreCase(parts[1], "people"))) {
    return parts[2].substr(0, parts[2].find(','));
  }
  return "";
}

// Whether "%XX" at the start of `text` is the escape of a byte of an id.
// Escaped delimiters could mean another page once somebody unescapes them.
bool IsIdEscape(absl::string_view text) {
  const absl::string_view digits = text.substr(1, 2);
  int byte = 0;
  if (digits.size() != 2 ||
      !std::all_of(digits.begin(), digits.end(), absl::ascii_isxdigit) ||
      !absl::SimpleHexAtoi(digits, &byte)) {
    return false;
  }
  return byte > 0x20 && byte != 0x7F &&
         absl::string_view("/\\?#%").find(static_cast<char>(byte)) ==
             absl::string_view::npos;
}

// The id as it may stand in a URL, empty when it is none.
std::string EscapeProfileId(absl::string_view id) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string escaped;
  for (size_t i = 0; i < id.size(); ++i) {
    const auto byte = static_cast<unsigned char>(id[i]);
    if (absl::ascii_isalnum(byte) ||
        absl::string_view("-_.~").find(id[i]) != absl::string_view::npos) {
      escaped.push_back(id[i]);
    } else if (byte >= 0x80) {
      escaped.append({'%', kHex[byte >> 4], kHex[byte & 0xF]});
    } else if (IsIdEscape(id.substr(i))) {
      absl::StrAppend(&escaped, id.substr(i, 3));
      i += 2;
    } else {
      return "";
    }
  }
  return escaped == "." || escaped == ".." ? "" : escaped;
}

bool IsLocalPart(absl::string_view local) {
  return !local.empty() && local.size() <= kMaxLocalPart &&
         IsValidUtf8(local) && !HasControlCharacter(local) &&
         local.find_first_of(" \"(),:;<>@[\\]") == local.npos;
}

}  // namespace

absl::StatusOr<std::string> NormalizeDomain(absl::string_view text) {
  ASSIGN_OR_RETURN(std::string host,
                   CanonicalHost(HostPart(absl::StripAsciiWhitespace(text))));
  // "www.com" is a domain of its own.
  if (absl::StartsWith(host, "www.") && !IsPublicSuffix(host.substr(4))) {
    host.erase(0, 4);
  }
  return host;
}

absl::StatusOr<std::string> NormalizeLinkedinUrl(absl::string_view text) {
  absl::string_view url = absl::StripAsciiWhitespace(text);
  ConsumeScheme(url);
  url = url.substr(0, url.find_first_of("?#"));
  const size_t slash = url.find('/');
  if (slash == url.npos || !IsLinkedinHost(url.substr(0, slash)) ||
      !IsValidUtf8(url)) {
    return NotAProfile();
  }
  const std::string id = EscapeProfileId(ProfileId(url.substr(slash + 1)));
  if (id.empty()) return NotAProfile();
  return absl::StrCat("https://www.linkedin.com/in/", id);
}

absl::StatusOr<std::string> NormalizeEmail(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  const size_t at = text.rfind('@');
  if (at == text.npos || !IsLocalPart(text.substr(0, at))) {
    return absl::InvalidArgumentError("not an e-mail address");
  }
  ASSIGN_OR_RETURN(const std::string domain,
                   CanonicalHost(text.substr(at + 1)));
  return absl::StrCat(text.substr(0, at), "@", domain);
}

}  // namespace enrich
