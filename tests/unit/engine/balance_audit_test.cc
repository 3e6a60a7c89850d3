#include "engine/balance_audit.h"

#include <gtest/gtest.h>

namespace enrich {
namespace {

Credits C(int64_t n) { return Credits::Whole(n); }

// Funds of an account: `reserved` under way.
Funds Account(int64_t reserved, int64_t spent, int64_t released = 0) {
  return {.authorised = C(reserved + spent + released),
          .reserved = C(reserved),
          .spent = C(spent),
          .released = C(released)};
}

class BalanceAuditTest : public ::testing::Test {
 protected:
  // A reading during which nothing else happens.
  Credits Read(int64_t balance, const Funds& funds) {
    audit_.OnRequest(funds);
    return audit_.OnBalance(C(balance), funds);
  }

  BalanceAudit audit_;
};

TEST_F(BalanceAuditTest, AFallThatWasSpentIsExplained) {
  EXPECT_EQ(Read(100, Account(0, 50)), C(0)) << "nothing to compare with";
  EXPECT_EQ(Read(90, Account(0, 60)), C(0));
  EXPECT_EQ(Read(90, Account(0, 60)), C(0));
}

TEST_F(BalanceAuditTest, WithNothingUnderWayEveryCreditMustBeExplained) {
  Read(100, Account(0, 0));
  EXPECT_EQ(Read(89, Account(0, 10)), C(1));
  EXPECT_EQ(Read(89, Account(0, 10)), C(0)) << "told once";
  EXPECT_EQ(Read(86, Account(0, 11)), C(2));
}

TEST_F(BalanceAuditTest, WhatIsUnderWayMayBeChargedAlready) {
  Read(100, Account(0, 0));
  EXPECT_EQ(Read(60, Account(40, 0)), C(0));
  EXPECT_EQ(Read(59, Account(40, 0)), C(1));
}

TEST_F(BalanceAuditTest, WhatIsGivenBackIsNoTopUp) {
  Read(100, Account(0, 0));
  Read(60, Account(40, 0));
  // 30 of 40 were not found.
  EXPECT_EQ(Read(90, Account(0, 10, 30)), C(0));
  EXPECT_EQ(Read(88, Account(0, 11, 30)), C(1));
}

TEST_F(BalanceAuditTest, ASlowLeakAddsUpBehindSteadyTraffic) {
  Funds funds = Account(10, 0);
  int64_t balance = 1000;
  Read(balance, funds);
  Credits drift;
  for (int i = 0; i < 30; ++i) {
    funds.authorised += C(10);
    funds.spent += C(10);
    balance -= 11;
    drift += Read(balance, funds);
  }
  // But for what is under way, all of it.
  EXPECT_EQ(drift, C(20));
}

TEST_F(BalanceAuditTest, ATopUpBeginsAnew) {
  Read(100, Account(0, 0));
  EXPECT_EQ(Read(1095, Account(0, 5)), C(0));
  EXPECT_EQ(Read(1094, Account(0, 5)), C(1)) << "not hidden by the top-up";
}

TEST_F(BalanceAuditTest, WhatChangesWhileTheBalanceIsReadIsAllowedFor) {
  Read(100, Account(0, 0));
  // Charged in full when it was asked for; given back before the answer.
  audit_.OnRequest(Account(40, 0));
  EXPECT_EQ(audit_.OnBalance(C(60), Account(0, 0, 40)), C(0));
  // Sent, and charged, after it was asked for.
  audit_.OnRequest(Account(0, 0, 40));
  EXPECT_EQ(audit_.OnBalance(C(80), Account(20, 0, 40)), C(0));
}

}  // namespace
}  // namespace enrich
