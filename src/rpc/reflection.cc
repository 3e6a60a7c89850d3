#include "rpc/reflection.h"

#include <algorithm>
#include <set>
#include <utility>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "grpc/health/v1/health.pb.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"

namespace enrich {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorProto;

// Both versions have the same messages under another package.
struct V1 {
  using Service = grpc::reflection::v1::ServerReflection;
  using Request = grpc::reflection::v1::ServerReflectionRequest;
  using Response = grpc::reflection::v1::ServerReflectionResponse;
};
struct V1Alpha {
  using Service = grpc::reflection::v1alpha::ServerReflection;
  using Request = grpc::reflection::v1alpha::ServerReflectionRequest;
  using Response = grpc::reflection::v1alpha::ServerReflectionResponse;
};

// `file` and what it imports, each once.
template <typename FileDescriptors>
void AddFile(const FileDescriptor& file, std::set<const FileDescriptor*>& seen,
             FileDescriptors& out) {
  if (!seen.insert(&file).second) return;
  FileDescriptorProto proto;
  file.CopyTo(&proto);
  out.add_file_descriptor_proto(proto.SerializeAsString());
  for (int i = 0; i < file.dependency_count(); ++i) {
    AddFile(*file.dependency(i), seen, out);
  }
}

template <typename Response>
void SetNotFound(const std::string& what, Response& response) {
  auto& error = *response.mutable_error_response();
  error.set_error_code(grpc::StatusCode::NOT_FOUND);
  error.set_error_message("not found: " + what);
}

template <typename Response>
void SetFile(const FileDescriptor* file, const std::string& what,
             Response& response) {
  if (file == nullptr) return SetNotFound(what, response);
  std::set<const FileDescriptor*> seen;
  AddFile(*file, seen, *response.mutable_file_descriptor_response());
}

template <typename Api>
void Answer(const std::vector<std::string>& services,
            const typename Api::Request& request,
            typename Api::Response& response) {
  const DescriptorPool& pool = *DescriptorPool::generated_pool();
  response.Clear();
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  switch (request.message_request_case()) {
    case Api::Request::kFileByFilename:
      return SetFile(pool.FindFileByName(request.file_by_filename()),
                     request.file_by_filename(), response);
    case Api::Request::kFileContainingSymbol:
      return SetFile(
          pool.FindFileContainingSymbol(request.file_containing_symbol()),
          request.file_containing_symbol(), response);
    case Api::Request::kListServices:
      for (const std::string& service : services) {
        response.mutable_list_services_response()->add_service()->set_name(
            service);
      }
      return;
    case Api::Request::kFileContainingExtension:
      return SetNotFound("extensions", response);
    case Api::Request::kAllExtensionNumbersOfType: {
      const std::string& type = request.all_extension_numbers_of_type();
      if (pool.FindMessageTypeByName(type) == nullptr) {
        return SetNotFound(type, response);
      }
      response.mutable_all_extension_numbers_response()->set_base_type_name(
          type);
      return;
    }
    default: {
      auto& error = *response.mutable_error_response();
      error.set_error_code(grpc::StatusCode::INVALID_ARGUMENT);
      error.set_error_message("no question was asked");
    }
  }
}

// Answers one question after the other. Lives until its call is done with it.
template <typename Api>
class Conversation final
    : public grpc::ServerBidiReactor<typename Api::Request,
                                     typename Api::Response> {
 public:
  explicit Conversation(const std::vector<std::string>& services)
      : services_(services), self_(this) {
    this->StartRead(&request_);
  }
  void OnReadDone(bool ok) override {
    if (!ok) return this->Finish(grpc::Status::OK);
    Answer<Api>(services_, request_, response_);
    this->StartWrite(&response_);
  }
  void OnWriteDone(bool ok) override {
    if (!ok) return this->Finish(grpc::Status::CANCELLED);
    this->StartRead(&request_);
  }
  void OnDone() override { self_.reset(); }

 private:
  const std::vector<std::string>& services_;
  typename Api::Request request_;
  typename Api::Response response_;
  std::unique_ptr<Conversation> self_;
};

template <typename Api>
class ReflectionService final : public Api::Service::CallbackService {
 public:
  explicit ReflectionService(std::vector<std::string> services)
      : services_(std::move(services)) {}

  grpc::ServerBidiReactor<typename Api::Request, typename Api::Response>*
  ServerReflectionInfo(grpc::CallbackServerContext*) override {
    return new Conversation<Api>(services_);
  }

 private:
  const std::vector<std::string> services_;
};

}  // namespace

std::vector<std::unique_ptr<grpc::Service>> NewReflectionServices(
    std::vector<std::string> services) {
  // Touched, so that the linker keeps the descriptor that the built-in health
  // service lacks.
  grpc::health::v1::HealthCheckRequest::descriptor();
  services.push_back(V1::Service::service_full_name());
  services.push_back(V1Alpha::Service::service_full_name());
  std::sort(services.begin(), services.end());
  std::vector<std::unique_ptr<grpc::Service>> result;
  result.push_back(std::make_unique<ReflectionService<V1>>(services));
  result.push_back(
      std::make_unique<ReflectionService<V1Alpha>>(std::move(services)));
  return result;
}

}  // namespace enrich
