#include "simulator/person_oracle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "base/domain.h"
#include "base/phone.h"
#include "support/status_matchers.h"

namespace enrich::simulator {
namespace {

using ::testing::AllOf;
using ::testing::Ge;
using ::testing::Le;

constexpr int kPeople = 4000;

PersonQuery Somebody(int i) {
  return {.first_name = "Mira",
          .last_name = absl::StrCat("Tester", i),
          .domain = absl::StrCat("company", i % 50, ".example")};
}

// Percent of the people for whom `test` holds.
template <typename Test>
int Share(Provider provider, Test test) {
  const PersonOracle oracle(1);
  int hits = 0;
  for (int i = 0; i < kPeople; ++i) {
    if (test(oracle.Find(provider, Somebody(i)))) ++hits;
  }
  return hits * 100 / kPeople;
}

bool HasGoodEmail(const Person& person) {
  return person.work_email && person.work_email->status != "INVALID";
}

TEST(PersonOracle, KnowsTheSharesOfPeopleItPromises) {
  const auto mobile = [](const Person& p) { return p.mobile.has_value(); };
  const auto landline = [](const Person& p) { return p.landline.has_value(); };
  const auto personal = [](const Person& p) {
    return p.personal_email.has_value();
  };
  EXPECT_THAT(Share(Provider::kEnrow, HasGoodEmail), AllOf(Ge(57), Le(63)));
  EXPECT_THAT(Share(Provider::kFullEnrich, HasGoodEmail),
              AllOf(Ge(67), Le(73)));
  EXPECT_THAT(Share(Provider::kEnrow, mobile), AllOf(Ge(37), Le(43)));
  EXPECT_THAT(Share(Provider::kFullEnrich, mobile), AllOf(Ge(42), Le(48)));
  EXPECT_THAT(Share(Provider::kFullEnrich, landline), AllOf(Ge(12), Le(18)));
  EXPECT_THAT(Share(Provider::kFullEnrich, personal), AllOf(Ge(37), Le(43)));
  EXPECT_EQ(Share(Provider::kEnrow, personal), 0);
  EXPECT_THAT(Share(Provider::kPronto, HasGoodEmail), AllOf(Ge(62), Le(68)));
  EXPECT_THAT(Share(Provider::kPronto, mobile), AllOf(Ge(47), Le(53)));
  EXPECT_THAT(Share(Provider::kPronto, landline), AllOf(Ge(7), Le(13)));
  const auto good_personal = [](const Person& p) {
    return p.personal_email && p.personal_email->status != "INVALID";
  };
  EXPECT_THAT(Share(Provider::kPronto, good_personal), AllOf(Ge(27), Le(33)));
  EXPECT_THAT(Share(Provider::kPronto, personal), AllOf(Ge(34), Le(40)))
      << "one in ten of the others is invalid";
}

TEST(PersonOracle, KnowsDifferentPeopleAtEachProviderButTheSameValues) {
  const PersonOracle oracle(1);
  int only_enrow = 0;
  int only_fullenrich = 0;
  for (int i = 0; i < kPeople; ++i) {
    const Person a = oracle.Find(Provider::kEnrow, Somebody(i));
    const Person b = oracle.Find(Provider::kFullEnrich, Somebody(i));
    if (HasGoodEmail(a) && !HasGoodEmail(b)) ++only_enrow;
    if (!HasGoodEmail(a) && HasGoodEmail(b)) ++only_fullenrich;
    if (HasGoodEmail(a) && HasGoodEmail(b)) {
      EXPECT_EQ(a.work_email->address, b.work_email->address);
    }
    if (a.mobile && b.mobile) {
      EXPECT_EQ(a.mobile->number, b.mobile->number);
    }
  }
  EXPECT_GT(only_enrow, kPeople / 10);
  EXPECT_GT(only_fullenrich, kPeople / 10);
}

TEST(PersonOracle, GivesTheSamePersonWhateverTheSpelling) {
  const PersonOracle oracle(1);
  const PersonQuery spellings[] = {
      {.first_name = "Zoé", .last_name = "Found", .domain = "acme.example"},
      {.first_name = "ZOE", .last_name = "found", .domain = "ACME.example"},
      {.full_name = "Zoe  Found", .domain = "https://www.acme.example/about"},
      {.full_name = "zoe found", .company_name = "Acme"},
  };
  const Person first = oracle.Find(Provider::kEnrow, spellings[0]);
  for (const PersonQuery& query : spellings) {
    const Person person = oracle.Find(Provider::kEnrow, query);
    ASSERT_TRUE(person.work_email.has_value());
    EXPECT_EQ(person.work_email->address, first.work_email->address);
    ASSERT_TRUE(person.mobile.has_value());
    EXPECT_EQ(person.mobile->number, first.mobile->number);
  }
}

TEST(PersonOracle, TellsPeopleApartBySeed) {
  int different = 0;
  for (int i = 0; i < 100; ++i) {
    const Person a = PersonOracle(1).Find(Provider::kEnrow, Somebody(i));
    const Person b = PersonOracle(2).Find(Provider::kEnrow, Somebody(i));
    if (HasGoodEmail(a) != HasGoodEmail(b)) ++different;
  }
  EXPECT_GT(different, 20);
}

TEST(PersonOracle, FindsSomebodyByProfileAlone) {
  const Person person = PersonOracle(1).Find(
      Provider::kEnrow,
      {.linkedin_url = "https://www.linkedin.com/in/ada-found/"});
  EXPECT_EQ(person.first_name, "Ada");
  EXPECT_EQ(person.last_name, "Found");
  EXPECT_TRUE(person.mobile.has_value());
}

TEST(PersonOracle, KnowsWhomFullEnrichChargesNothingFor) {
  const std::string profile = "https://www.linkedin.com/in/demoge/";
  EXPECT_TRUE(
      IsFreeOfCharge({.domain = "fullenrich.com", .linkedin_url = profile}));
  EXPECT_TRUE(IsFreeOfCharge(
      {.domain = "https://FullEnrich.com", .linkedin_url = profile}));
  EXPECT_FALSE(IsFreeOfCharge({.linkedin_url = profile}));
  EXPECT_FALSE(
      IsFreeOfCharge({.domain = "acme.example", .linkedin_url = profile}));
  EXPECT_FALSE(
      IsFreeOfCharge({.domain = "fullenrich.com",
                      .linkedin_url = "https://www.linkedin.com/in/other"}));
}

TEST(PersonOracle, MakesValuesThatSurviveNormalisation) {
  const PersonOracle oracle(1);
  for (int i = 0; i < kPeople; ++i) {
    const Person person = oracle.Find(Provider::kFullEnrich, Somebody(i));
    for (const auto& phone : {person.mobile, person.landline}) {
      if (!phone) continue;
      const NormalizedPhone normalized = NormalizePhone(phone->number, "");
      EXPECT_NE(normalized.e164, "") << phone->number;
      EXPECT_EQ(normalized.region, phone->region) << phone->number;
    }
    for (const auto& email : {person.work_email, person.personal_email}) {
      if (!email) continue;
      EXPECT_THAT(NormalizeEmail(email->address), IsOk());
    }
  }
}

TEST(PersonOracle, ObeysMarkers) {
  struct {
    absl::string_view last_name;
    bool enrow_email;
    bool fullenrich_email;
    bool fullenrich_mobile;
    bool fullenrich_landline;
    bool pronto_email;
    bool pronto_personal_email;
    bool pronto_landline;
  } const cases[] = {
      {"Notfound", false, false, false, false, false, false, false},
      {"Found", true, true, true, true, true, true, true},
      {"Onlyenrow", true, false, false, false, false, false, false},
      {"Onlyfullenrich", false, true, true, true, false, false, false},
      {"Onlypronto", false, false, false, false, true, true, true},
      {"Catchall", true, true, false, false, true, false, false},
      {"Invalid", false, false, false, false, false, true, false},
      {"Landline", false, false, false, true, false, false, true},
  };
  const PersonOracle oracle(1);
  for (const auto& c : cases) {
    const PersonQuery query = {.first_name = "Ada",
                               .last_name = std::string(c.last_name),
                               .domain = "acme.example"};
    const Person enrow = oracle.Find(Provider::kEnrow, query);
    const Person fullenrich = oracle.Find(Provider::kFullEnrich, query);
    EXPECT_EQ(HasGoodEmail(enrow), c.enrow_email) << c.last_name;
    EXPECT_EQ(HasGoodEmail(fullenrich), c.fullenrich_email) << c.last_name;
    EXPECT_EQ(fullenrich.mobile.has_value(), c.fullenrich_mobile)
        << c.last_name;
    EXPECT_EQ(fullenrich.landline.has_value(), c.fullenrich_landline)
        << c.last_name;
    const Person pronto = oracle.Find(Provider::kPronto, query);
    EXPECT_EQ(HasGoodEmail(pronto), c.pronto_email) << c.last_name;
    EXPECT_EQ(pronto.personal_email.has_value(), c.pronto_personal_email)
        << c.last_name;
    EXPECT_EQ(pronto.landline.has_value(), c.pronto_landline) << c.last_name;
  }
}

TEST(PersonOracle, KeepsOtherAlphabetsApartAndStillMakesAnAddress) {
  const PersonOracle oracle(1);
  const Person person = oracle.Find(
      Provider::kEnrow,
      {.first_name = "李", .last_name = "Found", .domain = "acme.example"});
  ASSERT_TRUE(person.work_email.has_value());
  EXPECT_THAT(NormalizeEmail(person.work_email->address), IsOk());
}

}  // namespace
}  // namespace enrich::simulator
