#include "model/errors.h"

#include <gmock/gmock.h>

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

using Code = absl::StatusCode;

TEST(Errors, HaveTheCodesAndReasonsOfTheApi) {
  struct Case {
    absl::Status status;
    Code code;
    absl::string_view reason;
  };
  const Case kCases[] = {
      {error::InvalidRequest({{"display_name", "must be at most 200 bytes"}}),
       Code::kInvalidArgument, "INVALID_REQUEST"},
      {error::MalformedMessage("EnrichBatchRequest", "contacts[0].email"),
       Code::kInvalidArgument, "MALFORMED_MESSAGE"},
      {error::BatchEmpty(), Code::kInvalidArgument, "BATCH_EMPTY"},
      {error::BatchTooLarge(2, 1), Code::kInvalidArgument, "BATCH_TOO_LARGE"},
      {error::DuplicateContactRef(0, 1), Code::kInvalidArgument,
       "DUPLICATE_CONTACT_REF"},
      {error::RequestIdReused("r"), Code::kAlreadyExists, "REQUEST_ID_REUSED"},
      {error::NoProvider("phone"), Code::kFailedPrecondition, "NO_PROVIDER"},
      {error::UnknownProvider("p"), Code::kInvalidArgument, "INVALID_REQUEST"},
      {error::ProviderNotFound("p"), Code::kNotFound, "PROVIDER_NOT_FOUND"},
      {error::TooManyOpenContacts(2, 1, absl::Seconds(3)),
       Code::kResourceExhausted, "TOO_MANY_OPEN_CONTACTS"},
      {error::TooManyOpenContactsOfTenant(2, 1, absl::Seconds(3)),
       Code::kResourceExhausted, "TOO_MANY_OPEN_CONTACTS"},
      {error::TooManyStreams(1), Code::kResourceExhausted, "TOO_MANY_STREAMS"},
      {error::TooManyCalls(1), Code::kResourceExhausted, "TOO_MANY_CALLS"},
      {error::BatchNotFound("b"), Code::kNotFound, "BATCH_NOT_FOUND"},
      {error::JobNotFound("j"), Code::kNotFound, "JOB_NOT_FOUND"},
      {error::JobNotInDoubt("j", "done"), Code::kFailedPrecondition,
       "JOB_NOT_IN_DOUBT"},
      {error::ExposureHigher("j", 2, 1), Code::kFailedPrecondition,
       "EXPOSURE_HIGHER"},
      {error::ProviderNotConfigured("p"), Code::kFailedPrecondition,
       "PROVIDER_NOT_CONFIGURED"},
      {error::InvalidResumeToken("it is of another store"),
       Code::kInvalidArgument, "INVALID_RESUME_TOKEN"},
      {error::InvalidPageToken(), Code::kInvalidArgument, "INVALID_PAGE_TOKEN"},
      {error::HistoryGone("t"), Code::kOutOfRange, "HISTORY_GONE"},
      {error::SlowReader(absl::Seconds(30)), Code::kAborted, "SLOW_READER"},
      {error::StoreUnavailable("the disk is full"), Code::kUnavailable,
       "STORE_UNAVAILABLE"},
      {error::ShuttingDown(), Code::kUnavailable, "SHUTTING_DOWN"},
      {error::CredentialMissing(), Code::kUnauthenticated,
       "CREDENTIAL_MISSING"},
      {error::CredentialInvalid(), Code::kUnauthenticated,
       "CREDENTIAL_INVALID"},
      {error::NotOperator(), Code::kPermissionDenied, "NOT_OPERATOR"},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(c.status.code(), c.code) << c.reason;
    const std::optional<ErrorDetails> details = DetailsOf(c.status);
    ASSERT_TRUE(details.has_value()) << c.reason;
    EXPECT_EQ(details->reason, c.reason);
    const std::string message(c.status.message());
    EXPECT_THAT(message, EndsWith("."));
    // Every variable of the message is in the metadata.
    for (const auto& [key, value] : details->metadata) {
      if (key == "oldest_resume_token") continue;
      EXPECT_THAT(message, HasSubstr(value));
    }
  }
}

TEST(Errors, NameTheLimitInMessageAndMetadata) {
  const absl::Status status = error::BatchTooLarge(10001, 10000);
  EXPECT_EQ(status.message(),
            "contacts has 10001 entries, over the limit of 10000 per batch.");
  EXPECT_THAT(DetailsOf(status)->metadata,
              ElementsAre(Pair("contacts", "10001"), Pair("limit", "10000")));
}

TEST(Errors, ListEveryViolation) {
  const absl::Status status = error::InvalidRequest(
      {{"request_id", "is required"}, {"page_size", "must be at most 1000"}});
  EXPECT_EQ(status.message(),
            "The request breaks a rule: request_id is required (and 1 more).");
  EXPECT_THAT(DetailsOf(status)->field_violations,
              ElementsAre(Pair("request_id", "is required"),
                          Pair("page_size", "must be at most 1000")));
  EXPECT_THAT(DetailsOf(status)->metadata, IsEmpty());
}

TEST(Errors, SayWhenToComeBack) {
  EXPECT_EQ(DetailsOf(error::TooManyOpenContacts(5, 4, absl::Seconds(90)))
                ->retry_delay,
            absl::Seconds(90));
  EXPECT_EQ(DetailsOf(error::ShuttingDown())->retry_delay, absl::Seconds(1));
  EXPECT_EQ(DetailsOf(error::TooManyCalls(1))->retry_delay, absl::Seconds(1));
  EXPECT_EQ(DetailsOf(error::BatchEmpty())->retry_delay, std::nullopt);
}

TEST(Errors, CarryTheOldestToken) {
  EXPECT_THAT(DetailsOf(error::HistoryGone("abc"))->metadata,
              ElementsAre(Pair("oldest_resume_token", "abc")));
}

TEST(Errors, KeepAnyBytesInTheirDetails) {
  const std::string odd("1:a\0\xFF\n\"3:", 9);
  EXPECT_THAT(DetailsOf(error::BatchNotFound(odd))->metadata,
              ElementsAre(Pair("batch_id", odd)));
  EXPECT_THAT(DetailsOf(error::InvalidRequest({{odd, ""}, {"", odd}}))
                  ->field_violations,
              ElementsAre(Pair(odd, ""), Pair("", odd)));
}

TEST(DetailsOf, IsEmptyForOtherStatuses) {
  EXPECT_EQ(DetailsOf(absl::OkStatus()), std::nullopt);
  EXPECT_EQ(DetailsOf(absl::NotFoundError("x")), std::nullopt);
}

TEST(DetailsOf, SurvivesAForeignPayload) {
  for (const absl::string_view payload :
       {"", "x", "9:abc", "-1:", "3:abc", "1:a0:99:", "1:a0:1:91:x",
        "99999999999999999999:a"}) {
    absl::Status status = absl::NotFoundError("x");
    status.SetPayload("enrich.gateway/ErrorDetails", absl::Cord(payload));
    EXPECT_TRUE(DetailsOf(status).has_value());
  }
}

}  // namespace
}  // namespace enrich
