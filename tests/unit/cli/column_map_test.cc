#include "cli/column_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/status_matchers.h"

namespace enrich::cli {
namespace {

using Cells = std::vector<std::string>;

v1::Contact ContactOf(const Cells& columns, const Cells& cells,
                      const ColumnOverrides& overrides = {}) {
  v1::Contact contact;
  ColumnMap(columns, overrides).Fill(cells, contact);
  return contact;
}

TEST(MatchHeader, KnowsTheUsualSpellings) {
  struct Case {
    const char* header;
    const char* field;
  };
  const Case cases[] = {
      {"first_name", "first_name"},
      {"First Name", "first_name"},
      {"firstname", "first_name"},
      {"Given-Name", "first_name"},
      {"Prénom", "first_name"},
      {"Vorname", "first_name"},
      {"LAST NAME", "last_name"},
      {"Nachname", "last_name"},
      {"Surname", "last_name"},
      {"Nom", "last_name"},
      {"Name", "full_name"},
      {"Full Name", "full_name"},
      {"Company", "company_name"},
      {"Company Name for Emails", nullptr},
      {"Organization", "company_name"},
      {"Account", "company_name"},
      {"Société", "company_name"},
      {"Company Website", "company_domain"},
      {"domain", "company_domain"},
      {"Website", "company_domain"},
      {"LinkedIn Profile", "linkedin_url"},
      {"Person Linkedin Url", "linkedin_url"},
      {"Company Linkedin Url", nullptr},
      {"E-Mail", "email"},
      {"Work Email", "email"},
      {"Favourite colour", nullptr},
      {"", nullptr},
  };
  for (const Case& c : cases) {
    const auto match = MatchHeader(c.header);
    ASSERT_EQ(match.has_value(), c.field != nullptr) << c.header;
    if (match.has_value()) {
      EXPECT_EQ(InputFieldName(match->field), c.field) << c.header;
    }
  }
}

TEST(ColumnMap, PrefersFirstAndLastNameOverTheFullName) {
  const Cells columns = {"Full Name", "First", "Last"};
  const v1::Contact both = ContactOf(columns, {"Ada Doe", "Ada", "Doe"});
  EXPECT_EQ(both.first_name(), "Ada");
  EXPECT_EQ(both.last_name(), "Doe");
  EXPECT_EQ(both.full_name(), "");
  const v1::Contact half = ContactOf(columns, {"Ada Doe", "Ada", ""});
  EXPECT_EQ(half.first_name(), "");
  EXPECT_EQ(half.full_name(), "Ada Doe");
  const v1::Contact lone = ContactOf(columns, {"", "Ada", ""});
  EXPECT_EQ(lone.first_name(), "Ada");
}

TEST(ColumnMap, TakesTheBestColumnThatIsNotEmpty) {
  const Cells columns = {"Account", "Company"};
  EXPECT_EQ(ContactOf(columns, {"Old", "New"}).company_name(), "New");
  EXPECT_EQ(ContactOf(columns, {"Old", " "}).company_name(), "Old");
}

TEST(ColumnMap, CleansCells) {
  EXPECT_EQ(ContactOf({"company"}, {"  Acme\nWorks \r\n"}).company_name(),
            "Acme Works");
}

TEST(ColumnMap, OverridesWinOverRecognition) {
  ASSERT_OK_AND_ASSIGN(const ColumnOverrides overrides,
                       ParseColumnOverrides(Cells{"company_domain=Web page"}));
  const v1::Contact contact = ContactOf(
      {"domain", "Web page"}, {"no.example", "yes.example"}, overrides);
  EXPECT_EQ(contact.company_domain(), "yes.example");
}

TEST(ColumnMap, RefusesColumnsThatIdentifyNobody) {
  const Cells good[] = {
      {"linkedin"}, {"name", "company"}, {"first name", "last name", "domain"}};
  for (const Cells& columns : good) {
    EXPECT_THAT(ColumnMap(columns, {}).Check({}, false), IsOk());
  }
  const Cells bad[] = {{"x"}, {"name"}, {"first name", "company"}, {"email"}};
  for (const Cells& columns : bad) {
    EXPECT_THAT(ColumnMap(columns, {}).Check({}, false),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST(ColumnMap, AnAddressIdentifiesWhereOnlyAddressesAreJudged) {
  EXPECT_THAT(ColumnMap(Cells{"email"}, {}).Check({}, true), IsOk());
  EXPECT_THAT(ColumnMap(Cells{"name"}, {}).Check({}, true),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(ColumnMap, RefusesAnOverrideWithoutItsColumn) {
  const ColumnOverrides overrides = {{InputField::kEmail, "Mail 2"}};
  EXPECT_THAT(ColumnMap(Cells{"linkedin"}, overrides).Check(overrides, false),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(ParseColumnOverrides, RefusesWhatIsNoFieldOrColumn) {
  for (const char* text : {"", "email", "email=", "colour=Red", "=x"}) {
    EXPECT_THAT(ParseColumnOverrides(Cells{text}),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

}  // namespace
}  // namespace enrich::cli
