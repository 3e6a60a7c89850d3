#include "model/event_frame.h"

#include <gtest/gtest.h>

#include <limits>

#include "absl/strings/match.h"

namespace enrich {
namespace {

std::string Frame(EventPosition position, absl::string_view body) {
  std::string out;
  AppendEventFrame(out, position, body);
  return out;
}

// Field 3, a string, as a body would begin.
constexpr absl::string_view kBody = "\x1A\x01x";

TEST(EventFrame, HasTheBytesOfProtobuf) {
  EXPECT_EQ(Frame({.revision = 1, .sequence = 2}, kBody),
            "\x0A\x07\x08\x01\x10\x02\x1A\x01x");
  // 300 is AC 02.
  EXPECT_EQ(Frame({.revision = 300, .sequence = 127}, ""),
            "\x0A\x05\x08\xAC\x02\x10\x7F");
}

TEST(EventFrame, LeavesZeroPositionsOutAsProtobufDoes) {
  EXPECT_EQ(Frame({}, kBody), "\x0A\x03\x1A\x01x");
  EXPECT_EQ(Frame({}, ""), absl::string_view("\x0A\x00", 2));
}

TEST(EventFrame, WritesLengthsOfSeveralBytes) {
  const std::string frame = Frame({}, std::string(300, 'b'));
  EXPECT_EQ(frame.substr(0, 3), "\x0A\xAC\x02");
  EXPECT_EQ(frame.size(), 303u);
}

TEST(EventFrame, ComesBackAsWritten) {
  const EventPosition kPositions[] = {
      {.revision = 1, .sequence = 1},
      {.revision = 127, .sequence = 128},
      {.revision = 0, .sequence = 5},
      {.revision = 1'000'000'007, .sequence = 10'001},
      {.revision = std::numeric_limits<int64_t>::max(), .sequence = 1},
  };
  std::string frames;
  for (const EventPosition& position : kPositions) {
    AppendEventFrame(frames, position, kBody);
  }
  absl::string_view rest = frames;
  std::string joined;
  for (const EventPosition& position : kPositions) {
    const std::optional<EventFrame> frame = NextEventFrame(rest);
    ASSERT_TRUE(frame.has_value());
    EXPECT_EQ(frame->position.revision, position.revision);
    EXPECT_EQ(frame->position.sequence, position.sequence);
    EXPECT_TRUE(absl::EndsWith(frame->entry, frame->message));
    EXPECT_TRUE(absl::EndsWith(frame->message, kBody));
    joined += std::string(frame->entry);
  }
  EXPECT_EQ(joined, frames);
  EXPECT_TRUE(rest.empty());
  EXPECT_FALSE(NextEventFrame(rest).has_value());
}

TEST(NextEventFrame, LeavesMalformedInputAlone) {
  for (const absl::string_view bytes : {
           absl::string_view("\x12\x01x"),             // another field
           absl::string_view("\x0A"),                  // no length
           absl::string_view("\x0A\x05\x08\x01"),      // cut short
           absl::string_view("\x0A\x80"),              // length cut short
           absl::string_view("\x0A\x02\x08\x80"),      // revision cut short
           absl::string_view("\x0A\x03\x08\x01\x10"),  // no sequence
           absl::string_view(
               "\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"),
       }) {
    absl::string_view rest = bytes;
    EXPECT_FALSE(NextEventFrame(rest).has_value());
    EXPECT_EQ(rest, bytes);
  }
}

}  // namespace
}  // namespace enrich
