#include "rpc/message.h"

#include <gtest/gtest.h>

#include "enrich/v1/enrichment_service.pb.h"
#include "model/errors.h"
#include "support/status_matchers.h"

namespace enrich {
namespace {

constexpr char kBadText[] = "\xC3(";

grpc::ByteBuffer BufferOf(const std::string& bytes) {
  // In parts, as the transport delivers it.
  const grpc::Slice parts[] = {grpc::Slice(bytes.substr(0, bytes.size() / 2)),
                               grpc::Slice(bytes.substr(bytes.size() / 2))};
  return grpc::ByteBuffer(parts, 2);
}

// A length-delimited field.
std::string Field(int number, const std::string& value) {
  return std::string{static_cast<char>(number << 3 | 2),
                     static_cast<char>(value.size())} +
         value;
}

TEST(ParseMessage, ReadsWhatSerializeMessageWrote) {
  v1::GetBatchRequest sent;
  sent.set_batch_id("batch-1");
  v1::GetBatchRequest received;
  ASSERT_THAT(ParseMessage(SerializeMessage(sent), received), IsOk());
  EXPECT_EQ(received.batch_id(), "batch-1");
}

TEST(ParseMessage, TakesAMessageOfNoBytes) {
  v1::GetBatchRequest received;
  received.set_batch_id("left over");
  ASSERT_THAT(ParseMessage(SerializeMessage(v1::GetBatchRequest()), received),
              IsOk());
  EXPECT_EQ(received.batch_id(), "");
  EXPECT_THAT(ParseMessage(grpc::ByteBuffer(), received), IsOk());
}

TEST(ParseMessage, NamesThePathOfTextThatIsNotUtf8) {
  const std::string good_contact = Field(2, "Ada");
  const struct {
    std::string bytes;
    const char* path;
  } kCases[] = {
      {Field(1, kBadText), "request_id"},
      {Field(5, "enrow") + Field(5, kBadText), "providers[1]"},
      {Field(2, good_contact) + Field(2, good_contact + Field(3, kBadText)),
       "contacts[1].last_name"},
      {Field(2, Field(10, Field(1, "key") + Field(2, kBadText))),
       "contacts[0].custom.value"},
      {Field(2, Field(10, Field(1, kBadText))), "contacts[0].custom.key"},
  };
  for (const auto& c : kCases) {
    v1::EnrichBatchRequest request;
    const absl::Status status = ParseMessage(BufferOf(c.bytes), request);
    ASSERT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
    const ErrorDetails details = *DetailsOf(status);
    EXPECT_EQ(details.reason, "MALFORMED_MESSAGE");
    EXPECT_NE(status.message().find(c.path), absl::string_view::npos)
        << status.message();
  }
}

TEST(ParseMessage, RefusesWhatIsNoProtobuf) {
  for (const std::string& bytes :
       {std::string("\xff\xff\xff\xff"), std::string("\x0a\x7f"),
        Field(2, "\x0a\x7f")}) {
    v1::EnrichBatchRequest request;
    const absl::Status status = ParseMessage(BufferOf(bytes), request);
    ASSERT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_EQ(DetailsOf(status)->reason, "MALFORMED_MESSAGE");
  }
}

TEST(ParseMessage, AnUnknownFieldIsNoMistake) {
  v1::GetBatchRequest request;
  EXPECT_THAT(ParseMessage(BufferOf(Field(15, kBadText)), request), IsOk());
}

}  // namespace
}  // namespace enrich
