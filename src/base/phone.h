#ifndef ENRICH_BASE_PHONE_H_
#define ENRICH_BASE_PHONE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace enrich {

enum class LineType { kUnknown = 0, kMobile = 1, kLandline = 2, kVoip = 3 };

struct NormalizedPhone {
  // Empty when the input is no valid number.
  std::string e164 = {};
  // ISO 3166-1 alpha-2, upper case; empty when not known.
  std::string region = {};
  LineType line_type = LineType::kUnknown;
};

// Reads a number in any usual spelling. `region_hint` (ISO alpha-2, any case,
// may be empty) helps with numbers without a country code; without either there
// is no answer rather than a guess. Thread-safe; 16 to 20 us: the most
// expensive thing that can happen to a contact.
//
// Only what the numbering plans call valid is accepted, not what merely has a
// possible length: a wrong number is worse than the provider's own spelling,
// which callers keep. The plans are those of the installed libphonenumber, so a
// range opened since has no `e164`.
NormalizedPhone NormalizePhone(absl::string_view number,
                               absl::string_view region_hint);

}  // namespace enrich

#endif  // ENRICH_BASE_PHONE_H_
