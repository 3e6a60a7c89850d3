#ifndef ENRICH_RPC_MESSAGE_H_
#define ENRICH_RPC_MESSAGE_H_

#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "grpcpp/support/byte_buffer.h"

namespace enrich {

// Parses a received message. INVALID_ARGUMENT (error::MalformedMessage) when it
// is no protobuf of its type or a string in it is no UTF-8; the error then
// names the path of the first such string, such as `contacts[3].first_name`.
absl::Status ParseMessage(const grpc::ByteBuffer& bytes,
                          google::protobuf::Message& message);

// Serialises a message for sending.
grpc::ByteBuffer SerializeMessage(const google::protobuf::Message& message);

// The path of the first string in `bytes`, a serialised message of `type`, that
// is not UTF-8. Empty when there is none or `bytes` is no protobuf.
std::string FindInvalidUtf8(const google::protobuf::Descriptor& type,
                            const std::string& bytes);

}  // namespace enrich

#endif  // ENRICH_RPC_MESSAGE_H_
