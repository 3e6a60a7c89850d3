#include "base/random.h"

#include <gmock/gmock.h>

#include <set>

#include "support/fake_clock.h"
#include "support/seeded_random.h"

namespace enrich {
namespace {

using ::testing::MatchesRegex;

// Fills with one byte.
class ConstantRandom final : public Random {
 public:
  explicit ConstantRandom(uint8_t byte) : byte_(byte) {}
  void Fill(absl::Span<uint8_t> bytes) override {
    for (uint8_t& byte : bytes) byte = byte_;
  }

 private:
  const uint8_t byte_;
};

TEST(Random, UniformStaysBelowOne) {
  ConstantRandom lowest(0x00);
  ConstantRandom highest(0xFF);
  EXPECT_EQ(lowest.Uniform(), 0.0);
  EXPECT_LT(highest.Uniform(), 1.0);
  EXPECT_GT(highest.Uniform(), 0.999999);
}

TEST(Random, UniformIsSpreadEvenly) {
  SeededRandom random;
  double sum = 0;
  for (int i = 0; i < 10000; ++i) sum += random.Uniform();
  EXPECT_NEAR(sum / 10000, 0.5, 0.02);
}

TEST(SystemRandom, FillsEverythingAndNeverRepeats) {
  SystemRandom random;
  std::set<std::string> tokens;
  for (int i = 0; i < 100; ++i) tokens.insert(NewToken(random));
  EXPECT_EQ(tokens.size(), 100u);
  std::array<uint8_t, 4096> bytes = {};
  random.Fill(absl::MakeSpan(bytes));
  EXPECT_GT(std::set<uint8_t>(bytes.begin(), bytes.end()).size(), 200u);
  random.Fill({});
}

TEST(NewToken, Is43CharactersOfBase64Url) {
  SeededRandom random;
  for (int i = 0; i < 50; ++i) {
    EXPECT_THAT(NewToken(random), MatchesRegex("[A-Za-z0-9_-]{43}"));
  }
}

TEST(NewReference, Is20LowerCaseHexDigits) {
  SeededRandom random;
  EXPECT_THAT(NewReference(random), MatchesRegex("[0-9a-f]{20}"));
}

TEST(NewUuid, HasVersionVariantAndTime) {
  FakeClock clock;
  ConstantRandom random(0xFF);
  EXPECT_EQ(NewUuid(clock, random), "01a196fb-1600-7fff-bfff-ffffffffffff");
  ConstantRandom zeros(0);
  EXPECT_EQ(NewUuid(clock, zeros), "01a196fb-1600-7000-8000-000000000000");
}

TEST(NewUuid, SortsByTime) {
  FakeClock clock;
  SeededRandom random;
  std::string last = NewUuid(clock, random);
  for (int i = 0; i < 100; ++i) {
    clock.Advance(absl::Milliseconds(1));
    const std::string next = NewUuid(clock, random);
    EXPECT_LT(last, next);
    last = next;
  }
}

}  // namespace
}  // namespace enrich
