#include "model/event_frame.h"

#include "absl/strings/str_cat.h"

namespace enrich {
namespace {

// Protobuf tags: field number << 3 | wire type.
constexpr char kEventsTag = 1 << 3 | 2;
constexpr char kRevisionTag = 1 << 3 | 0;
constexpr char kSequenceTag = 2 << 3 | 0;

void AppendVarint(std::string& out, uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

// Zero is the default of the field and left out.
void AppendPositionField(std::string& out, char tag, int64_t value) {
  if (value == 0) return;
  out.push_back(tag);
  AppendVarint(out, static_cast<uint64_t>(value));
}

std::optional<uint64_t> TakeVarint(absl::string_view& in) {
  uint64_t value = 0;
  for (int shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

bool TakeTag(absl::string_view& in, char tag) {
  if (in.empty() || in.front() != tag) return false;
  in.remove_prefix(1);
  return true;
}

// Takes the field off `in` if it comes next. False when it is malformed.
bool TakePositionField(absl::string_view& in, char tag, int64_t& value) {
  if (!TakeTag(in, tag)) return true;
  const std::optional<uint64_t> taken = TakeVarint(in);
  value = static_cast<int64_t>(taken.value_or(0));
  return taken.has_value();
}

}  // namespace

void AppendEventFrame(std::string& out, EventPosition position,
                      absl::string_view body) {
  std::string head;
  AppendPositionField(head, kRevisionTag, position.revision);
  AppendPositionField(head, kSequenceTag, position.sequence);
  out.push_back(kEventsTag);
  AppendVarint(out, head.size() + body.size());
  absl::StrAppend(&out, head, body);
}

std::optional<EventFrame> NextEventFrame(absl::string_view& frames) {
  absl::string_view rest = frames;
  if (!TakeTag(rest, kEventsTag)) return std::nullopt;
  const std::optional<uint64_t> size = TakeVarint(rest);
  if (!size.has_value() || *size > rest.size()) return std::nullopt;
  EventFrame frame;
  frame.message = rest.substr(0, *size);
  rest.remove_prefix(*size);
  absl::string_view fields = frame.message;
  if (!TakePositionField(fields, kRevisionTag, frame.position.revision) ||
      !TakePositionField(fields, kSequenceTag, frame.position.sequence)) {
    return std::nullopt;
  }
  frame.entry = frames.substr(0, frames.size() - rest.size());
  frames = rest;
  return frame;
}

}  // namespace enrich
