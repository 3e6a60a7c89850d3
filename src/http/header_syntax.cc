#include "http/header_syntax.h"

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace enrich {
namespace {

bool IsTokenCharacter(char c) {
  constexpr absl::string_view kOthers = "!#$%&'*+-.^_`|~";
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         absl::StrContains(kOthers, c);
}

}  // namespace

bool IsHttpToken(absl::string_view text) {
  return !text.empty() && absl::c_all_of(text, IsTokenCharacter);
}

bool IsHeaderValue(absl::string_view text) {
  return absl::c_none_of(text, [](char c) {
    return c != '\t' && absl::ascii_iscntrl(static_cast<unsigned char>(c));
  });
}

bool IsFramingHeader(absl::string_view name) {
  constexpr absl::string_view kNames[] = {
      "Connection", "Content-Length", "Expect", "Transfer-Encoding", "Upgrade"};
  return absl::c_any_of(kNames, [name](absl::string_view framing) {
    return absl::EqualsIgnoreCase(name, framing);
  });
}

}  // namespace enrich
