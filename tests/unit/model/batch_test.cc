#include "model/batch.h"

#include <gmock/gmock.h>

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(BatchPlan, FindsTheAccountsOfAField) {
  const BatchPlan plan = {
      .waterfalls = {
          {.field = ContactField::kPhone, .accounts = {"b"}},
          {.field = ContactField::kWorkEmail, .accounts = {"a", "b"}}}};
  EXPECT_THAT(plan.AccountsFor(ContactField::kWorkEmail),
              ElementsAre("a", "b"));
  EXPECT_THAT(plan.AccountsFor(ContactField::kPhone), ElementsAre("b"));
  EXPECT_THAT(plan.AccountsFor(ContactField::kPersonalEmail), IsEmpty());
}

TEST(BatchCounters, AddUp) {
  BatchCounters counters;
  counters.contacts = 5;
  counters.of(Outcome::kFound) = 2;
  counters.credits = {{"a", Credits::Whole(1)}};
  BatchCounters delta;
  delta.contacts_done = 1;
  delta.of(Outcome::kFound) = 1;
  delta.of(Outcome::kSkipped) = 3;
  delta.credits = {{"a", Credits{500}}, {"b", Credits{250}}};

  counters += delta;

  EXPECT_EQ(counters.contacts, 5);
  EXPECT_EQ(counters.contacts_done, 1);
  EXPECT_EQ(counters.of(Outcome::kFound), 3);
  EXPECT_EQ(counters.of(Outcome::kSkipped), 3);
  EXPECT_EQ(counters.of(Outcome::kNotFound), 0);
  EXPECT_THAT(counters.credits,
              ElementsAre(Pair("a", Credits{1500}), Pair("b", Credits{250})));
}

}  // namespace
}  // namespace enrich
