#include "model/field.h"

#include <gtest/gtest.h>

namespace enrich {
namespace {

TEST(FieldName, NamesEveryField) {
  EXPECT_EQ(FieldName(ContactField::kWorkEmail), "work_email");
  EXPECT_EQ(FieldName(ContactField::kPhone), "phone");
  EXPECT_EQ(FieldName(ContactField::kPersonalEmail), "personal_email");
  EXPECT_EQ(FieldName(ContactField::kEmailVerification), "email_verification");
  EXPECT_EQ(FieldName(static_cast<ContactField>(0)), "");
}

TEST(FieldSet, IsASet) {
  FieldSet set = ContactField::kPhone;
  EXPECT_EQ(set.size(), 1);
  set |= ContactField::kPhone;
  set |= ContactField::kWorkEmail;
  EXPECT_EQ(set.size(), 2);
  EXPECT_TRUE(set.Has(ContactField::kWorkEmail));
  EXPECT_FALSE(set.Has(ContactField::kPersonalEmail));
  EXPECT_TRUE(set.HasAll(ContactField::kPhone));
  EXPECT_FALSE(FieldSet(ContactField::kPhone).HasAll(set));
  EXPECT_EQ(set & ContactField::kPhone, FieldSet(ContactField::kPhone));
  EXPECT_EQ(set - ContactField::kPhone, FieldSet(ContactField::kWorkEmail));
  set -= FieldSet(ContactField::kWorkEmail) | ContactField::kPhone;
  EXPECT_TRUE(set.empty());
}

// Stored: a change of these bits would misread what exists.
TEST(FieldSet, HasStableBits) {
  EXPECT_EQ(FieldSet(ContactField::kWorkEmail).bits(), 0b0010);
  EXPECT_EQ(FieldSet(ContactField::kPhone).bits(), 0b0100);
  EXPECT_EQ(FieldSet(ContactField::kPersonalEmail).bits(), 0b1000);
  EXPECT_EQ(FieldSet(ContactField::kEmailVerification).bits(), 0b10000);
  EXPECT_EQ(FieldSet::FromBits(0b0110),
            FieldSet(ContactField::kWorkEmail) | ContactField::kPhone);
}

}  // namespace
}  // namespace enrich
