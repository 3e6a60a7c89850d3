#include "model/identity.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace enrich {
namespace {

Contact Ada() {
  return {.contact_ref = "1",
          .first_name = "Ada",
          .last_name = "Lovelace",
          .company_name = "Acme Ltd",
          .company_domain = "acme.example",
          .linkedin_url = "https://www.linkedin.com/in/ada",
          .email = "ada@acme.example",
          .fields = {ContactField::kPhone},
          .custom = {{"a", "b"}}};
}

struct Change {
  std::string name = {};
  Contact contact = {};
};

template <typename Edit>
Change Changed(std::string name, Edit edit) {
  Contact contact = Ada();
  edit(contact);
  return {std::move(name), std::move(contact)};
}

TEST(Identity, IsTheSameWhereProvidersAreToldTheSame) {
  const std::vector<Change> same = {
      Changed("another reference", [](Contact& c) { c.contact_ref = "2"; }),
      Changed("other fields", [](Contact& c) { c.fields.clear(); }),
      Changed("the caller's data", [](Contact& c) { c.custom.clear(); }),
      Changed("case of a name", [](Contact& c) { c.first_name = "ADA"; }),
      Changed("space in a company",
              [](Contact& c) { c.company_name = "acme  ltd"; }),
      Changed("the name in one piece",
              [](Contact& c) {
                c.first_name.clear();
                c.last_name.clear();
                c.full_name = "Ada Lovelace";
              }),
  };
  for (const Change& change : same) {
    EXPECT_EQ(IdentityOf("t", change.contact), IdentityOf("t", Ada()))
        << change.name;
  }
}

TEST(Identity, DiffersWithAnythingThatAProviderIsTold) {
  const std::vector<Change> others = {
      Changed("first name", [](Contact& c) { c.first_name = "Ida"; }),
      Changed("last name", [](Contact& c) { c.last_name = "Byron"; }),
      Changed("another split of the name",
              [](Contact& c) {
                c.first_name = "Ada Love";
                c.last_name = "lace";
              }),
      Changed("no name",
              [](Contact& c) {
                c.first_name.clear();
                c.last_name.clear();
              }),
      Changed("company", [](Contact& c) { c.company_name = "Acme Inc"; }),
      Changed("no company", [](Contact& c) { c.company_name.clear(); }),
      Changed("domain", [](Contact& c) { c.company_domain = "acme.test"; }),
      Changed("profile", [](Contact& c) { c.linkedin_url.clear(); }),
      Changed("address", [](Contact& c) { c.email.clear(); }),
      Changed("a value in another place",
              [](Contact& c) {
                c.company_domain = c.company_name;
                c.company_name = "acme.example";
              }),
  };
  for (const Change& change : others) {
    EXPECT_FALSE(IdentityOf("t", change.contact) == IdentityOf("t", Ada()))
        << change.name;
  }
}

TEST(Identity, IsOfOneTenant) {
  EXPECT_FALSE(IdentityOf("t", Ada()) == IdentityOf("u", Ada()));
}

TEST(Identity, TellsALoneFirstNameFromAFullNameOfOneWord) {
  const Contact first = {.first_name = "Ada", .linkedin_url = "x"};
  const Contact full = {.full_name = "Ada", .linkedin_url = "x"};
  EXPECT_FALSE(IdentityOf("t", first) == IdentityOf("t", full));
}

TEST(Identity, EveryFieldIsALookupOfItsOwn) {
  const Identity ada = IdentityOf("t", Ada());
  for (const ContactField a : kAllContactFields) {
    for (const ContactField b : kAllContactFields) {
      EXPECT_EQ(LookupHash(ada, a) == LookupHash(ada, b), a == b);
    }
  }
}

}  // namespace
}  // namespace enrich
