#ifndef ENRICH_EXPRESSION_TEXT_BUILDER_H_
#define ENRICH_EXPRESSION_TEXT_BUILDER_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/strings/string_view.h"
#include "expression/value.h"

namespace enrich::expression {

// Puts a text of a known size together in an arena, whose budget also bounds
// it.
class TextBuilder {
 public:
  TextBuilder(Arena& arena, size_t size)
      : text_(static_cast<char*>(arena.Allocate(size))) {}

  // All that is appended must fit the size. Does nothing once the arena is
  // exhausted.
  void Append(absl::string_view part) {
    if (text_ == nullptr || part.empty()) return;
    std::memcpy(text_ + size_, part.data(), part.size());
    size_ += part.size();
  }

  // What was appended; null once the arena is exhausted.
  Value Take() const { return TakeWithout(0); }
  // Without so many bytes at its end.
  Value TakeWithout(size_t bytes) const {
    if (text_ == nullptr) return Value();
    return Value::String(absl::string_view(text_, size_ - bytes));
  }

 private:
  char* const text_;
  size_t size_ = 0;
};

// The bytes of the character at the start of `text`, which is not empty.
size_t CharacterSize(absl::string_view text);
// How many characters there are.
int64_t CountCharacters(absl::string_view text);
// Its characters, last one first.
Value ReversedText(Arena& arena, absl::string_view text);
// Takes the steps that looking for `what` everywhere in `text` can cost.
bool PayForSearch(Arena& arena, absl::string_view text, absl::string_view what);

}  // namespace enrich::expression

#endif  // ENRICH_EXPRESSION_TEXT_BUILDER_H_
