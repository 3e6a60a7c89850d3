#include "base/phone.h"

#include <gtest/gtest.h>

namespace enrich {
namespace {

struct Case {
  std::string number;
  std::string hint;
  std::string e164;
  std::string region;
  LineType line_type;
};

// The example numbers of the numbering plans; those set aside for fiction are
// not valid.
TEST(NormalizePhone, ReadsUsualSpellings) {
  const Case kCases[] = {
      {"+33 6 12 34 56 78", "", "+33612345678", "FR", LineType::kMobile},
      {"06 12 34 56 78", "FR", "+33612345678", "FR", LineType::kMobile},
      {"06.12.34.56.78", "fr", "+33612345678", "FR", LineType::kMobile},
      {"0033612345678", "FR", "+33612345678", "FR", LineType::kMobile},
      {"33612345678", "FR", "+33612345678", "FR", LineType::kMobile},
      {"+33 (0)6 12 34 56 78", "", "+33612345678", "FR", LineType::kMobile},
      {"tel:+33612345678", "", "+33612345678", "FR", LineType::kMobile},
      {"  +44 7400 123456 ", "US", "+447400123456", "GB", LineType::kMobile},
      {"020 7946 0123", "GB", "+442079460123", "GB", LineType::kLandline},
      {"(202) 555-0123", "US", "+12025550123", "US", LineType::kUnknown},
      {"+1 202-555-0123 ext. 42", "", "+12025550123", "US", LineType::kUnknown},
      {"+44 56 1234 5678", "", "+445612345678", "GB", LineType::kVoip},
      // Of no country.
      {"+800 1234 5678", "", "+80012345678", "", LineType::kUnknown},
  };
  for (const Case& c : kCases) {
    const NormalizedPhone phone = NormalizePhone(c.number, c.hint);
    EXPECT_EQ(phone.e164, c.e164) << c.number;
    EXPECT_EQ(phone.region, c.region) << c.number;
    EXPECT_EQ(phone.line_type, c.line_type) << c.number;
  }
}

TEST(NormalizePhone, AnswersNothingRatherThanGuess) {
  for (const auto& [number, hint] :
       {std::pair<std::string, std::string>{"", ""},
        {"n/a", "FR"},
        {"123", "FR"},
        {"06 12 34 56 78", ""},
        {"06 12 34 56 78", "F"},
        {"06 12 34 56 78", "1F"},
        {"06 12 34 56 78", "France"},
        {"06 12 34 56 78", "ZZ"},
        {"+33 6 12 34 56", ""},
        {"+999 1234 5678", ""},
        {"+33 6 39 98 12 34", ""},
        {"+1 000 000 0000", ""},
        {"+33612345678\xFF", ""},
        {std::string(1000, '1'), "US"},
        {std::string(40, '1'), "US"},
        {"+" + std::string(1 << 20, '9'), ""}}) {
    const NormalizedPhone phone = NormalizePhone(number, hint);
    EXPECT_EQ(phone.e164, "") << number.substr(0, 40);
    EXPECT_EQ(phone.region, "");
    EXPECT_EQ(phone.line_type, LineType::kUnknown);
  }
}

TEST(NormalizePhone, ReadsDigitsOfOtherScripts) {
  EXPECT_EQ(NormalizePhone("\uFF0B\uFF13\uFF13\uFF16\uFF11\uFF12\uFF13\uFF14"
                           "\uFF15\uFF16\uFF17\uFF18",
                           "")
                .e164,
            "+33612345678");
}

}  // namespace
}  // namespace enrich
