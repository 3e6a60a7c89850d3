#include "engine/contact_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace enrich {
namespace {

using testing::Eq;

TEST(ContactCacheTest, GivesAContactAsItWas) {
  ContactCache cache;
  cache.Add(7, {.contact_ref = "ada",
                .first_name = "Ada",
                .last_name = "Example",
                .company_domain = "acme.example",
                .fields = {ContactField::kPhone, ContactField::kWorkEmail},
                .custom = {{"crm", "17"}}});
  const std::optional<Contact> contact = cache.Find(7);
  ASSERT_TRUE(contact.has_value());
  EXPECT_EQ(contact->contact_ref, "ada");
  EXPECT_EQ(contact->last_name, "Example");
  EXPECT_EQ(contact->company_domain, "acme.example");
  EXPECT_THAT(contact->fields, testing::ElementsAre(ContactField::kPhone,
                                                    ContactField::kWorkEmail));
  EXPECT_THAT(contact->custom,
              testing::ElementsAre(testing::Pair("crm", "17")));
  EXPECT_THAT(cache.Find(8), Eq(std::nullopt));
}

TEST(ContactCacheTest, Forgets) {
  ContactCache cache;
  cache.Add(7, {.contact_ref = "ada"});
  cache.Forget(7);
  cache.Forget(8);
  EXPECT_FALSE(cache.Find(7).has_value());
}

TEST(ContactCacheTest, HoldsABoundedNumberOfBytes) {
  ContactCache cache;
  const Contact large = {.contact_ref = std::string(1 << 20, 'x')};
  for (int64_t key = 0; key < 40; ++key) cache.Add(key, large);
  EXPECT_FALSE(cache.Find(0).has_value());
  EXPECT_TRUE(cache.Find(39).has_value());
  int held = 0;
  for (int64_t key = 0; key < 40; ++key) held += cache.Find(key).has_value();
  EXPECT_LE(held, 17);
}

}  // namespace
}  // namespace enrich
