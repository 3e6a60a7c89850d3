#include "base/text.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "absl/strings/ascii.h"

namespace enrich {
namespace {

// Most text is ASCII: it is skipped eight bytes at a time.
size_t AsciiPrefix(const unsigned char* bytes, size_t size) {
  constexpr uint64_t kHighBits = 0x8080808080808080u;
  size_t i = 0;
  for (; i + sizeof(uint64_t) <= size; i += sizeof(uint64_t)) {
    uint64_t word;
    std::memcpy(&word, bytes + i, sizeof(word));
    if ((word & kHighBits) != 0) break;
  }
  while (i < size && bytes[i] < 0x80) ++i;
  return i;
}

// Length of the well-formed multi-byte sequence at the start of `bytes`
// (table 3-7 of the Unicode standard), 0 when there is none.
size_t SequenceLength(const unsigned char* bytes, size_t size) {
  const unsigned char lead = bytes[0];
  size_t length = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
  }
  if (length == 0 || length > size) return 0;
  if (bytes[1] < low || bytes[1] > high) return 0;
  for (size_t i = 2; i < length; ++i) {
    if ((bytes[i] & 0xC0) != 0x80) return 0;
  }
  return length;
}

}  // namespace

size_t ValidUtf8Prefix(absl::string_view text) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  size_t i = 0;
  while (true) {
    i += AsciiPrefix(bytes + i, text.size() - i);
    if (i == text.size()) return i;
    const size_t length = SequenceLength(bytes + i, text.size() - i);
    if (length == 0) return i;
    i += length;
  }
}

bool IsValidUtf8(absl::string_view text) {
  return ValidUtf8Prefix(text) == text.size();
}

bool HasControlCharacter(absl::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7F) return true;
    // U+0080..U+009F are C2 80..C2 9F.
    if (byte == 0xC2 && i + 1 < text.size() &&
        static_cast<unsigned char>(text[i + 1]) < 0xA0) {
      return true;
    }
  }
  return false;
}

std::string FoldText(absl::string_view text) {
  std::string folded;
  folded.reserve(text.size());
  unsigned char before = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    // U+00C0..U+00DE are C3 80..C3 9E; U+00D7 among them is no letter.
    const bool latin_upper =
        before == 0xC3 && byte >= 0x80 && byte <= 0x9E && byte != 0x97;
    before = byte;
    if (absl::ascii_isspace(byte)) {
      if (folded.empty() || folded.back() != ' ') folded.push_back(' ');
    } else {
      folded.push_back(latin_upper ? static_cast<char>(byte + 0x20)
                                   : absl::ascii_tolower(byte));
    }
  }
  return folded;
}

}  // namespace enrich
