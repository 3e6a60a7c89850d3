#include "base/phone.h"

#include <phonenumbers/phonenumber.pb.h>
#include <phonenumbers/phonenumberutil.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "base/text.h"

namespace enrich {
namespace {

using ::i18n::phonenumbers::PhoneNumber;
using ::i18n::phonenumbers::PhoneNumberUtil;

// Longer than any spelling of a number with its extension.
constexpr size_t kMaxLength = 64;

// A valid number has 15 digits at most; prefixes such as 00 or 011, a trunk
// zero and an extension may come on top.
constexpr int kMinDigits = 4;
constexpr int kMaxDigits = 28;

bool CouldBeNumber(absl::string_view text) {
  if (text.size() > kMaxLength) return false;
  const auto digits =
      std::count_if(text.begin(), text.end(), absl::ascii_isdigit);
  if (digits >= kMinDigits && digits <= kMaxDigits) return IsValidUtf8(text);
  // Digits of other scripts take several bytes each.
  return digits <= kMaxDigits && text.size() >= 2 * kMinDigits &&
         !std::all_of(text.begin(), text.end(), absl::ascii_isascii) &&
         IsValidUtf8(text);
}

// The library's spelling of "no region" is ZZ.
std::string RegionCode(absl::string_view hint) {
  if (hint.size() != 2 || !absl::ascii_isalpha(hint[0]) ||
      !absl::ascii_isalpha(hint[1])) {
    return "ZZ";
  }
  return absl::AsciiStrToUpper(hint);
}

LineType ToLineType(PhoneNumberUtil::PhoneNumberType type) {
  switch (type) {
    case PhoneNumberUtil::MOBILE:
      return LineType::kMobile;
    case PhoneNumberUtil::FIXED_LINE:
      return LineType::kLandline;
    case PhoneNumberUtil::VOIP:
      return LineType::kVoip;
    default:
      return LineType::kUnknown;
  }
}

}  // namespace

NormalizedPhone NormalizePhone(absl::string_view number,
                               absl::string_view region_hint) {
  NormalizedPhone result;
  number = absl::StripAsciiWhitespace(number);
  if (!CouldBeNumber(number)) return result;
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  PhoneNumber parsed;
  if (util.Parse(std::string(number), RegionCode(region_hint), &parsed) !=
          PhoneNumberUtil::NO_PARSING_ERROR ||
      !util.IsValidNumber(parsed)) {
    return result;
  }
  util.Format(parsed, PhoneNumberUtil::E164, &result.e164);
  util.GetRegionCodeForNumber(parsed, &result.region);
  // Numbers of no country, such as 00800, have "001".
  if (result.region.size() != 2 || result.region == "ZZ") result.region.clear();
  result.line_type = ToLineType(util.GetNumberType(parsed));
  return result;
}

}  // namespace enrich
