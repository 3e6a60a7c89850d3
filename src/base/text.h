#ifndef ENRICH_BASE_TEXT_H_
#define ENRICH_BASE_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace enrich {

// The length of the longest start of `text` that is well-formed UTF-8 (no
// surrogates, no overlong forms).
size_t ValidUtf8Prefix(absl::string_view text);

// Whether `text` is well-formed UTF-8.
bool IsValidUtf8(absl::string_view text);

// Whether `text`, valid UTF-8, has a C0 or C1 control character.
bool HasControlCharacter(absl::string_view text);

// `text`, valid UTF-8, with the letters of ASCII and Latin-1 in lower case and
// each run of ASCII white space as one space: for comparing names.
std::string FoldText(absl::string_view text);

}  // namespace enrich

#endif  // ENRICH_BASE_TEXT_H_
