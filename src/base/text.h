#ifndef ENRICH_BASE_TEXT_H_
#define ENRICH_BASE_TEXT_H_

#include "absl/strings/string_view.h"

namespace enrich {

// Whether `text` is well-formed UTF-8 (no surrogates, no overlong forms).
bool IsValidUtf8(absl::string_view text);

// Whether `text`, valid UTF-8, has a C0 or C1 control character.
bool HasControlCharacter(absl::string_view text);

}  // namespace enrich

#endif  // ENRICH_BASE_TEXT_H_
