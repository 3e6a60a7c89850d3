#include "model/inbox.h"

#include <gtest/gtest.h>

namespace enrich {
namespace {

TEST(Inbox, ReasonsHaveStableNames) {
  using Reason = QuarantineReason;
  EXPECT_EQ(QuarantineReasonName(Reason::kNone), "");
  EXPECT_EQ(QuarantineReasonName(Reason::kNotUnderstood), "NOT_UNDERSTOOD");
  EXPECT_EQ(QuarantineReasonName(Reason::kOtherJob), "OTHER_JOB");
  EXPECT_EQ(QuarantineReasonName(Reason::kNoContact), "NO_CONTACT_MATCHES");
  EXPECT_EQ(QuarantineReasonName(Reason::kSomeContacts),
            "SOME_CONTACTS_DO_NOT_MATCH");
  EXPECT_EQ(QuarantineReasonName(Reason::kEarlierAttempt), "EARLIER_ATTEMPT");
  EXPECT_EQ(QuarantineReasonName(Reason::kNoAccount), "ACCOUNT_NOT_CONFIGURED");
  EXPECT_EQ(QuarantineReasonName(Reason::kContractDrift), "CONTRACT_DRIFT");
}

}  // namespace
}  // namespace enrich
