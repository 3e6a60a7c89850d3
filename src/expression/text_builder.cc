#include "expression/text_builder.h"

#include <algorithm>

namespace enrich::expression {
namespace {

// Comparisons of bytes for one step.
constexpr size_t kComparisonsPerStep = 256;

bool ContinuesCharacter(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

}  // namespace

size_t CharacterSize(absl::string_view text) {
  size_t size = 1;
  while (size < text.size() && ContinuesCharacter(text[size])) ++size;
  return size;
}

int64_t CountCharacters(absl::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return !ContinuesCharacter(c); });
}

Value ReversedText(Arena& arena, absl::string_view text) {
  TextBuilder result(arena, text.size());
  for (size_t end = text.size(); end > 0;) {
    size_t start = end - 1;
    while (start > 0 && ContinuesCharacter(text[start])) --start;
    result.Append(text.substr(start, end - start));
    end = start;
  }
  return result.Take();
}

bool PayForSearch(Arena& arena, absl::string_view text,
                  absl::string_view what) {
  return arena.Steps(text.size() * what.size() / kComparisonsPerStep);
}

}  // namespace enrich::expression
