#include "model/contact.h"

#include <gmock/gmock.h>

#include <functional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

Contact ValidContact() {
  return {.contact_ref = "row-1",
          .full_name = "Ada Example",
          .company_domain = "acme.com",
          .fields = {ContactField::kWorkEmail}};
}

// The fields that break a rule, in order.
std::vector<std::string> Violated(Contact contact) {
  std::vector<std::string> fields;
  for (const Violation& violation : NormalizeContact(contact)) {
    fields.push_back(violation.field);
  }
  return fields;
}

TEST(NormalizeContact, TrimsAndNormalises) {
  Contact contact = {
      .contact_ref = " row-1\n",
      .first_name = "\u00A0 Ada\u3000",
      .last_name = "\tExample ",
      .company_name = " Acme \u00A0 Inc ",
      .company_domain = " https://www.Acme.com/about ",
      .linkedin_url = "fr.linkedin.com/in/ada-example?trk=x",
      .email = " Ada@Acme.COM ",
      .fields = {ContactField::kPhone},
      .custom = {{"b", " 2 "}, {"a", "1"}},
  };
  EXPECT_THAT(NormalizeContact(contact), IsEmpty());
  EXPECT_EQ(contact.contact_ref, "row-1");
  EXPECT_EQ(contact.first_name, "Ada");
  EXPECT_EQ(contact.last_name, "Example");
  EXPECT_EQ(contact.company_name, "Acme \u00A0 Inc");
  EXPECT_EQ(contact.company_domain, "acme.com");
  EXPECT_EQ(contact.linkedin_url, "https://www.linkedin.com/in/ada-example");
  EXPECT_EQ(contact.email, "Ada@acme.com");
  // The caller's own data is not touched.
  EXPECT_THAT(contact.custom, ElementsAre(Pair("a", "1"), Pair("b", " 2 ")));
}

TEST(NormalizeContact, IsIdempotent) {
  Contact contact = ValidContact();
  contact.linkedin_url = "linkedin.com/in/jos\u00E9";
  contact.company_domain = "www.m\u00FCnchen.de";
  ASSERT_THAT(NormalizeContact(contact), IsEmpty());
  const std::string url = contact.linkedin_url;
  const std::string domain = contact.company_domain;
  ASSERT_THAT(NormalizeContact(contact), IsEmpty());
  EXPECT_EQ(contact.linkedin_url, url);
  EXPECT_EQ(contact.company_domain, domain);
}

struct Identity {
  absl::string_view what;
  Contact contact;
  std::vector<std::string> violated;
};

TEST(NormalizeContact, WantsAnIdentity) {
  const std::string kUrl = "linkedin.com/in/ada";
  const Identity kCases[] = {
      {"full name and domain",
       {.full_name = "Ada Example", .company_domain = "acme.com"},
       {}},
      {"full name and company name",
       {.full_name = "Ada Example", .company_name = "Acme"},
       {}},
      {"both names and domain",
       {.first_name = "Ada",
        .last_name = "Example",
        .company_domain = "acme.com"},
       {}},
      {"LinkedIn alone", {.linkedin_url = kUrl}, {}},
      {"LinkedIn and a first name",
       {.first_name = "Ada", .linkedin_url = kUrl},
       {}},
      {"LinkedIn and a last name",
       {.last_name = "Example", .linkedin_url = kUrl},
       {}},
      {"LinkedIn and a full name",
       {.full_name = "Ada Example", .linkedin_url = kUrl},
       {}},
      {"nothing", {}, {"linkedin_url"}},
      {"white space",
       {.full_name = " ", .company_name = "\n"},
       {"linkedin_url"}},
      {"an e-mail alone", {.email = "ada@acme.com"}, {"linkedin_url"}},
      {"a company alone", {.company_domain = "acme.com"}, {"linkedin_url"}},
      {"a full name alone", {.full_name = "Ada Example"}, {"company_domain"}},
      {"first name and company",
       {.first_name = "Ada", .company_name = "Acme"},
       {"last_name"}},
      {"last name and company",
       {.last_name = "Example", .company_name = "Acme"},
       {"first_name"}},
      {"first name alone",
       {.first_name = "Ada"},
       {"last_name", "company_domain"}},
      {"both spellings",
       {.first_name = "Ada",
        .last_name = "Example",
        .full_name = "Ada Example",
        .company_name = "Acme"},
       {"full_name"}},
      {"full and last name",
       {.last_name = "Example",
        .full_name = "Ada Example",
        .company_name = "Acme"},
       {"full_name"}},
      {"both spellings with LinkedIn",
       {.first_name = "Ada", .full_name = "Ada Example", .linkedin_url = kUrl},
       {"full_name"}},
      {"a broken LinkedIn URL",
       {.linkedin_url = "linkedin.com/company/acme"},
       {"linkedin_url"}},
      {"a broken domain",
       {.full_name = "Ada Example", .company_domain = "acme"},
       {"company_domain"}},
  };
  for (Identity c : kCases) {
    c.contact.contact_ref = "row-1";
    c.contact.fields = {ContactField::kPhone};
    EXPECT_EQ(Violated(c.contact), c.violated) << c.what;
  }
}

struct Limit {
  absl::string_view field;
  int bytes;
  std::function<void(Contact&, std::string)> set;
};

// Names are exclusive, so each limit gets a contact of its own.
TEST(NormalizeContact, AnAddressIsEnoughToBeVerified) {
  const Contact by_address = {.contact_ref = "row-1",
                              .email = "ada@acme.com",
                              .fields = {ContactField::kEmailVerification}};
  EXPECT_THAT(Violated(by_address), IsEmpty());

  Contact no_address = ValidContact();
  no_address.fields = {ContactField::kEmailVerification};
  EXPECT_THAT(Violated(no_address), ElementsAre("email"));

  // Anything else needs to know whom it is about.
  Contact more = by_address;
  more.fields.push_back(ContactField::kPhone);
  EXPECT_THAT(Violated(more), ElementsAre("linkedin_url"));
}

TEST(NormalizeContact, HoldsEveryLimitToTheByte) {
  const Limit kLimits[] = {
      {"contact_ref", 128,
       [](Contact& c, std::string s) { c.contact_ref = s; }},
      {"first_name", 100,
       [](Contact& c, std::string s) {
         c.full_name = "";
         c.first_name = s;
         c.last_name = "x";
       }},
      {"last_name", 100,
       [](Contact& c, std::string s) {
         c.full_name = "";
         c.first_name = "x";
         c.last_name = s;
       }},
      {"full_name", 200, [](Contact& c, std::string s) { c.full_name = s; }},
      {"company_name", 200,
       [](Contact& c, std::string s) { c.company_name = s; }},
      {"custom", 64,
       [](Contact& c, std::string s) {
         c.custom = {{s, "value"}};
       }},
      {"custom", 512,
       [](Contact& c, std::string s) {
         c.custom = {{"key", s}};
       }},
  };
  for (const Limit& limit : kLimits) {
    Contact most = ValidContact();
    limit.set(most, std::string(limit.bytes, 'x'));
    EXPECT_THAT(NormalizeContact(most), IsEmpty()) << limit.field;

    Contact more = ValidContact();
    limit.set(more, std::string(limit.bytes + 1, 'x'));
    const std::vector<Violation> violations = NormalizeContact(more);
    ASSERT_EQ(violations.size(), 1u) << limit.field;
    EXPECT_EQ(violations[0].field, limit.field);
    EXPECT_THAT(violations[0].description,
                HasSubstr(absl::StrCat(limit.bytes, " bytes")));
    EXPECT_THAT(violations[0].description, Not(HasSubstr("xxx")));
  }
}

TEST(NormalizeContact, HoldsTheLimitsOfNormalForms) {
  Contact contact = ValidContact();
  contact.linkedin_url =
      absl::StrCat("linkedin.com/in/", std::string(472, 'x'));
  EXPECT_THAT(Violated(contact), IsEmpty());
  contact.linkedin_url += "x";
  EXPECT_THAT(Violated(contact), ElementsAre("linkedin_url"));
  // What is cut off does not count.
  contact.linkedin_url =
      absl::StrCat("linkedin.com/in/ada?trk=", std::string(600, 'x'));
  EXPECT_THAT(Violated(contact), IsEmpty());
  contact.linkedin_url =
      absl::StrCat("linkedin.com/in/ada?trk=", std::string(1 << 20, 'x'));
  EXPECT_THAT(Violated(contact), ElementsAre("linkedin_url"));
  contact.linkedin_url = "";
  contact.company_domain = std::string(1 << 20, 'x');
  EXPECT_THAT(Violated(contact), ElementsAre("company_domain"));
  contact.company_domain = "acme.com";
  contact.email = absl::StrCat("a@", std::string(300, 'x'), ".com");
  EXPECT_THAT(Violated(contact), ElementsAre("email"));
}

TEST(NormalizeContact, RefusesControlCharacters) {
  const std::function<std::string&(Contact&)> kTexts[] = {
      [](Contact& c) -> std::string& { return c.contact_ref; },
      [](Contact& c) -> std::string& { return c.full_name; },
      [](Contact& c) -> std::string& { return c.company_name; },
      [](Contact& c) -> std::string& { return c.company_domain; },
      [](Contact& c) -> std::string& { return c.linkedin_url; },
      [](Contact& c) -> std::string& { return c.email; },
      [](Contact& c) -> std::string& {
        return c.custom.emplace_back("key", "").second;
      },
  };
  for (const auto& text : kTexts) {
    for (const std::string& control :
         {std::string("\n"), std::string("\0", 1), std::string("\x7F"),
          std::string("\u0085")}) {
      Contact contact = ValidContact();
      text(contact) = absl::StrCat("a", control, "b");
      const std::vector<Violation> violations = NormalizeContact(contact);
      ASSERT_EQ(violations.size(), 1u);
      EXPECT_EQ(violations[0].description.find("must not have control"),
                violations[0].field == "custom" ? strlen("values ") : 0u);
    }
  }
}

TEST(NormalizeContact, RequiresARef) {
  Contact contact = ValidContact();
  contact.contact_ref = "  ";
  EXPECT_THAT(Violated(contact), ElementsAre("contact_ref"));
}

TEST(NormalizeContact, KeepsTheFirstOfRepeatedFields) {
  Contact contact = ValidContact();
  contact.fields = {ContactField::kPhone, ContactField::kWorkEmail,
                    ContactField::kPhone};
  EXPECT_THAT(NormalizeContact(contact), IsEmpty());
  EXPECT_THAT(contact.fields,
              ElementsAre(ContactField::kPhone, ContactField::kWorkEmail));
}

TEST(NormalizeContact, RequiresKnownFields) {
  Contact contact = ValidContact();
  contact.fields = {};
  EXPECT_THAT(Violated(contact), ElementsAre("fields"));
  contact.fields = {ContactField::kPhone, static_cast<ContactField>(0)};
  EXPECT_THAT(Violated(contact), ElementsAre("fields"));
  contact.fields = {static_cast<ContactField>(99)};
  EXPECT_THAT(Violated(contact), ElementsAre("fields"));
}

TEST(NormalizeContact, TakesTwentyCustomEntries) {
  Contact contact = ValidContact();
  for (int i = 0; i < 20; ++i) {
    contact.custom.emplace_back(absl::StrCat("k", i), "v");
  }
  EXPECT_THAT(Violated(contact), IsEmpty());
  contact.custom.emplace_back("one more", "v");
  EXPECT_THAT(Violated(contact), ElementsAre("custom"));
}

TEST(NormalizeContact, NamesEveryViolationAndNoValue) {
  Contact contact = {.contact_ref = std::string(200, 'r'),
                     .first_name = "secret\nname",
                     .company_domain = "secret_company",
                     .email = "secret"};
  const std::vector<Violation> violations = NormalizeContact(contact);
  std::vector<std::string> fields;
  for (const Violation& violation : violations) {
    fields.push_back(violation.field);
    EXPECT_THAT(violation.description, Not(HasSubstr("secret")));
  }
  EXPECT_THAT(fields, ElementsAre("contact_ref", "first_name", "company_domain",
                                  "email", "last_name", "fields"));
}

TEST(Contact, DisplayNameJoinsWhatThereIs) {
  EXPECT_EQ((Contact{.full_name = "Ada Example"}).DisplayName(), "Ada Example");
  EXPECT_EQ(
      (Contact{.first_name = "Ada", .last_name = "Example"}).DisplayName(),
      "Ada Example");
  EXPECT_EQ((Contact{.first_name = "Ada"}).DisplayName(), "Ada");
  EXPECT_EQ((Contact{.last_name = "Example"}).DisplayName(), "Example");
  EXPECT_EQ(Contact{}.DisplayName(), "");
}

TEST(Contact, SplitsALoneFullNameAtItsFirstSpace) {
  using Names = std::pair<std::string, std::string>;
  EXPECT_EQ((Contact{.full_name = "Ada van Example"}).SplitName(),
            Names("Ada", "van Example"));
  EXPECT_EQ((Contact{.full_name = "Ada  Example"}).SplitName(),
            Names("Ada", "Example"));
  EXPECT_EQ((Contact{.full_name = "Ada"}).SplitName(), Names("Ada", ""));
  EXPECT_EQ((Contact{.first_name = "Ada", .last_name = "Example"}).SplitName(),
            Names("Ada", "Example"));
  EXPECT_EQ(Contact{}.SplitName(), Names("", ""));
}

TEST(Contact, KnowsWhatItHas) {
  EXPECT_TRUE((Contact{.company_name = "Acme"}).HasCompany());
  EXPECT_TRUE((Contact{.company_domain = "acme.com"}).HasCompany());
  EXPECT_FALSE(Contact{}.HasCompany());
  EXPECT_TRUE((Contact{.full_name = "Ada"}).HasName());
  EXPECT_FALSE((Contact{.first_name = "Ada"}).HasName());
  EXPECT_EQ((Contact{.fields = {ContactField::kPhone}}).field_set(),
            FieldSet(ContactField::kPhone));
}

}  // namespace
}  // namespace enrich
