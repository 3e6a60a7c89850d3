#include "provider/adapter.h"

#include <gtest/gtest.h>

namespace enrich {
namespace {

TEST(OperationSpec, TakesFewerContactsWhereNothingCanBePushed) {
  OperationSpec spec = {.max_contacts = 100};
  EXPECT_EQ(spec.MaxContacts(/*pushes=*/true), 100);
  EXPECT_EQ(spec.MaxContacts(/*pushes=*/false), 100);
  spec.max_contacts_without_push = 1;
  EXPECT_EQ(spec.MaxContacts(/*pushes=*/true), 100);
  EXPECT_EQ(spec.MaxContacts(/*pushes=*/false), 1);
}

TEST(OperationSpec, PricesTheFieldsAskedFor) {
  const OperationSpec spec = {
      .prices = {{ContactField::kWorkEmail, Credits::Whole(1)},
                 {ContactField::kPhone, Credits::Whole(10)}}};
  EXPECT_EQ(spec.PriceOf({}), Credits{});
  EXPECT_EQ(spec.PriceOf(ContactField::kPhone), Credits::Whole(10));
  EXPECT_EQ(spec.PriceOf(ContactField::kPersonalEmail), Credits{});
  EXPECT_EQ(
      spec.PriceOf(FieldSet(ContactField::kPhone) | ContactField::kWorkEmail),
      Credits::Whole(11));
}

TEST(Capabilities, FindsOperationsByName) {
  const Capabilities capabilities = {
      .operations = {{.name = "work_email"}, {.name = "phone"}}};
  EXPECT_EQ(capabilities.Find("phone"), &capabilities.operations[1]);
  EXPECT_EQ(capabilities.Find("fax"), nullptr);
}

}  // namespace
}  // namespace enrich
