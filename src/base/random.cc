#include "base/random.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace enrich {
namespace {

template <size_t kBytes>
std::string RandomBytes(Random& random) {
  std::array<uint8_t, kBytes> bytes;
  random.Fill(absl::MakeSpan(bytes));
  return std::string(bytes.begin(), bytes.end());
}

}  // namespace

double Random::Uniform() {
  std::array<uint8_t, 8> bytes;
  Fill(absl::MakeSpan(bytes));
  uint64_t bits = 0;
  for (const uint8_t byte : bytes) bits = bits << 8 | byte;
  // A double holds 53 bits exactly.
  return static_cast<double>(bits >> 11) * 0x1.0p-53;
}

void SystemRandom::Fill(absl::Span<uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t filled = getrandom(bytes.data(), bytes.size(), 0);
    if (filled >= 0) {
      bytes.remove_prefix(static_cast<size_t>(filled));
    } else if (errno != EINTR) {
      // Tokens from a broken generator would be worse than no process.
      std::abort();
    }
  }
}

std::string NewToken(Random& random) {
  return absl::WebSafeBase64Escape(RandomBytes<32>(random));
}

bool IsToken(absl::string_view text) {
  constexpr size_t kLength = 43;
  return text.size() == kLength &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                  c == '-' || c == '_';
         });
}

std::string NewReference(Random& random) {
  return absl::BytesToHexString(RandomBytes<10>(random));
}

std::string NewUuid(const Clock& clock, Random& random) {
  std::string bytes = RandomBytes<16>(random);
  const auto millis = static_cast<uint64_t>(absl::ToUnixMillis(clock.Now()));
  for (int i = 0; i < 6; ++i) {
    bytes[i] = static_cast<char>(millis >> (40 - 8 * i) & 0xFF);
  }
  bytes[6] = static_cast<char>((bytes[6] & 0x0F) | 0x70);
  bytes[8] = static_cast<char>((bytes[8] & 0x3F) | 0x80);
  const std::string hex = absl::BytesToHexString(bytes);
  const absl::string_view view = hex;
  return absl::StrCat(view.substr(0, 8), "-", view.substr(8, 4), "-",
                      view.substr(12, 4), "-", view.substr(16, 4), "-",
                      view.substr(20));
}

}  // namespace enrich
