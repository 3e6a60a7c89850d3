#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "cli/enrich_options.h"
#include "cli/request_id.h"
#include "cli/state_file.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace enrich::cli {
namespace {

EnrichState SampleState() {
  EnrichState state{.input_digest = "in",
                    .options_digest = "opt",
                    .output_bytes = 1234,
                    .next_batch = 7};
  state.open.push_back({.index = 5,
                        .request_id = "r",
                        .batch_id = "b",
                        .position = {.resume_token = "t", .sequence = 9},
                        .rows_written = 3});
  state.open.push_back({.index = 6, .request_id = "s"});
  v1::ContactResult result;
  result.add_fields()->set_field(v1::CONTACT_FIELD_PHONE);
  result.mutable_fields(0)->set_outcome(v1::LOOKUP_OUTCOME_NOT_FOUND);
  result.mutable_fields(0)->add_attempts()->set_provider("acme");
  result.mutable_fields(0)->mutable_attempts(0)->set_millicredits(250);
  state.tally.Add(result);
  state.tally.saved_millicredits["acme"] = 500;
  return state;
}

v1::EnrichBatchRequest SampleRequest() {
  v1::EnrichBatchRequest request;
  request.add_fields(v1::CONTACT_FIELD_PHONE);
  request.add_contacts()->set_contact_ref("1");
  request.mutable_contacts(0)->set_first_name("Ada");
  return request;
}

TEST(StateFile, IsReadAsItWasWritten) {
  ASSERT_OK_AND_ASSIGN(const EnrichState state,
                       DecodeState(EncodeState(SampleState())));
  EXPECT_EQ(state, SampleState());
}

TEST(StateFile, RefusesDamageAndOtherVersions) {
  std::string other = EncodeState(SampleState());
  other.replace(other.find(":1,"), 3, ":2,");
  const std::string cut = EncodeState(SampleState()).substr(0, 40);
  for (const std::string& text :
       {std::string(), std::string("{}"), other, cut,
        std::string("{\"version\":1,\"output_bytes\":1,\"next_batch\":1,"
                    "\"open\":[{}]}")}) {
    EXPECT_THAT(DecodeState(text),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST(StateFile, ReplacesTheFileInOneStep) {
  const TempDir dir;
  const std::string path = StatePath(dir.File("results.csv"));
  ASSERT_THAT(SaveState(path, SampleState()), IsOk());
  EnrichState later = SampleState();
  later.next_batch = 8;
  ASSERT_THAT(SaveState(path, later), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto loaded, LoadState(path));
  EXPECT_EQ(loaded, later);
  EXPECT_FALSE(std::filesystem::exists(path + ".tmp"));
  RemoveState(path);
  ASSERT_OK_AND_ASSIGN(const auto none, LoadState(path));
  EXPECT_FALSE(none.has_value());
}

TEST(StateFile, SaysWhereItCannotBeWritten) {
  const TempDir dir;
  EXPECT_THAT(SaveState(dir.File("missing/state"), SampleState()),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(RequestId, DependsOnWhatIsAskedAndNothingElse) {
  const std::string id = RequestIdOf(SampleRequest(), "");
  v1::EnrichBatchRequest same = SampleRequest();
  same.set_validate_only(true);
  same.set_display_name("x");
  same.set_request_id("y");
  EXPECT_EQ(RequestIdOf(same, ""), id);
  EXPECT_NE(RequestIdOf(same, "again"), id);
  v1::EnrichBatchRequest provider = SampleRequest();
  provider.add_providers("acme");
  v1::EnrichBatchRequest quality = SampleRequest();
  quality.set_min_email_quality(v1::EMAIL_QUALITY_DELIVERABLE);
  v1::EnrichBatchRequest field = SampleRequest();
  field.add_fields(v1::CONTACT_FIELD_WORK_EMAIL);
  v1::EnrichBatchRequest moved = SampleRequest();
  moved.mutable_contacts(0)->set_first_name("");
  moved.mutable_contacts(0)->set_last_name("Ada");
  v1::EnrichBatchRequest row = SampleRequest();
  row.mutable_contacts(0)->set_contact_ref("2");
  v1::EnrichBatchRequest anew = SampleRequest();
  anew.set_bypass_cache(true);
  for (const auto* other : {&provider, &quality, &field, &moved, &row, &anew}) {
    EXPECT_NE(RequestIdOf(*other, ""), id);
  }
}

TEST(RequestId, StaysTheSameInLaterVersions) {
  EXPECT_EQ(RequestIdOf(SampleRequest(), ""),
            "enrichctl-ffcb8ff37d11a1c09d84aef9ba0ca933f7e020a13b11a581");
}

TEST(Digest, TellsInputsApartAcrossBlocks) {
  std::string text(3 << 20, 'a');
  std::istringstream first(text);
  ASSERT_OK_AND_ASSIGN(const std::string digest, DigestOf(first));
  std::istringstream again(text);
  ASSERT_OK_AND_ASSIGN(const std::string same, DigestOf(again));
  EXPECT_EQ(digest, same);
  text[2 << 20] = 'b';
  std::istringstream changed(text);
  ASSERT_OK_AND_ASSIGN(const std::string other, DigestOf(changed));
  EXPECT_NE(digest, other);
}

TEST(OptionsDigest, CoversWhatShapesTheOutput) {
  const EnrichOptions base{.fields = {v1::CONTACT_FIELD_PHONE}};
  EnrichOptions ordered = base;
  ordered.unordered = true;
  EnrichOptions batch = base;
  batch.batch_size = 10;
  EnrichOptions window = base;
  window.window = 9;
  EXPECT_NE(DigestOf(base), DigestOf(ordered));
  EXPECT_NE(DigestOf(base), DigestOf(batch));
  EXPECT_EQ(DigestOf(base), DigestOf(window));
}

}  // namespace
}  // namespace enrich::cli
