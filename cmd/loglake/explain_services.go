package main

//nolint:funlen // one table
func serviceCodes() []explanation {
	return []explanation{
		{"ResourceNotFoundException", ofServices, "What the request names is not there: a log group, a log stream, a delivery stream.", "A misspelling, another region or account, or it was never created; names are case-sensitive.",
			"`loglake status` lists what is there. aws logs create-log-group and create-log-stream make them; PutLogEvents does not."},
		{"ResourceAlreadyExistsException", ofLogs, "There is a log group, stream or tag of that name.", "It was created before.", "Take it as a success."},
		{"InvalidParameterException", ofLogs, "A member of the request is wrong; the message says which and why.", "Events that are not in order of time, a batch that spans more than 24 hours, a filter pattern that can't be read, an ARN of a destination that is not there.",
			"See the message; sort the events of a batch by timestamp; try patterns with aws logs test-metric-filter."},
		{"LimitExceededException", ofServices, "A limit of the service is reached: 2 subscription filters on a log group, 5,000 delivery streams, 50 tags.", "A third filter on one group.",
			"Delete a filter (aws logs delete-subscription-filter), or route events into another group, which has filters of its own."},
		{"OperationAbortedException", ofLogs, "Two changes of one thing met.", "Parallel set-up.", "Try again."},
		{"TooManyTagsException", ofLogs, "A log group has 50 tags at most.", "", "Remove some."},
		{"DataAlreadyAcceptedException", ofLogs, "AWS of former days: the batch was stored before. loglake never answers it.", "A retry.", "Take it as a success."},
		{"InvalidSequenceTokenException", ofLogs, "AWS of former days: puts needed a token. loglake takes any.", "An old client.", "Leave the token out."},
		{"ServiceUnavailableException", ofServices, "The server can't do it now; nothing was done.", "The disk is full, or the server stops or starts.", "Free space on the disk of the data folder; clients try again by themselves."},
		{"ThrottlingException", ofServices, "The server can't take it now; nothing was done.", "The disk is full, or calls come faster than they are answered.", "Free space on the disk of the data folder; clients try again by themselves."},
		{"ValidationException", ofServices, "The request has not the form that the service's model asks for; the message names the member.", "A member that is missing, too long or of another type.", "See the message."},
		{"SerializationException", ofServices, "The body of the request is not the JSON that the operation takes.", "A hand-written request, or a text where a number belongs.", "See the message; an AWS SDK writes it rightly."},
		{"UnknownOperationException", ofServices, "The operation is not built in loglake, or not one of AWS.", "See the table of what works in the README.", "Do without it; nothing was done."},
		{"AccessDeniedException", ofServices, "The caller may not do this.", "A resource of another account.", "Use the server's account (`loglake status` shows it)."},
		{"RequestEntityTooLargeException", ofServices, "The request is larger than the service takes.", "A batch of more than 1 MiB of events, or 4 MiB of records.", "Send smaller batches."},
		{"InternalFailure", ofServices, "A failure of the server.", "A defect, or a disk that fails.", "The server's log says more."},
		{"ServiceFailure", ofServices, "A failure of the server.", "A defect, or a disk that fails.", "The server's log says more."},
		{"InternalServiceException", ofServices, "A failure of the server.", "A defect, or a disk that fails.", "The server's log says more."},
		{"InvalidArgumentException", ofFirehose, "A member of the request is wrong; the message says which.", "A prefix whose expressions don't fit, buffer hints under 64 MiB with conversion, a table that is not there.",
			"See the message. With conversion SizeInMBs is 64 at least; with expressions in Prefix, ErrorOutputPrefix needs !{firehose:error-output-type}."},
		{"ResourceInUseException", ofFirehose, "There is a delivery stream of that name, or a change of it is under way.", "It was created before.", "Change it with update-destination, or choose another name."},
		{"ConcurrentModificationException", ofServices, "What is to change was changed since it was read.", "An old version id.", "Read it again (describe-delivery-stream, get-table) and send its version id."},
		{"InvalidSourceException", ofFirehose, "Records can't be put to a stream that reads elsewhere.", "A stream with a Kinesis source; loglake has none.", "Make a DirectPut stream."},
		{"InvalidStateException", ofGlue, "What is there does not allow the change.", "See the message.", "See the message."},
		{"EntityNotFoundException", ofGlue, "There is no such database, table or partition.", "A misspelling; names are lower case.", "`loglake status` lists the tables."},
		{"AlreadyExistsException", ofGlue, "There is a database, table or partition of that name.", "It was created before.", "Update it, or take it as a success."},
		{"InvalidInputException", ofGlue, "A member of the request is wrong; the message says which.", "A column type that can't be read, a filter expression, a name.", "See the message."},
		{"ResourceNumberLimitExceededException", ofGlue, "A limit of the catalog is reached.", "See the message.", "Delete what is not needed."},
	}
}

func signatureCodes() []explanation {
	const keys = "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or LOGLAKE_…) to a pair of the file that the server was given with --credentials."
	return []explanation{
		{"UnrecognizedClientException", ofSignature, "The server knows no such access key.", "A pair of AWS, or of another server.", keys},
		{"InvalidClientTokenId", ofSignature, "The server knows no such access key.", "A pair of AWS, or of another server.", keys},
		{"InvalidAccessKeyId", ofSignature, "The server knows no such access key.", "A pair of AWS, or of another server.", keys},
		{"InvalidSignatureException", ofSignature, "The access key is right, and the signature is not its own.", "Another secret key; or the clocks differ by more than 15 minutes, which the message then says.", keys + " Where the time is meant, set the clock (timedatectl set-ntp true)."},
		{"SignatureDoesNotMatch", ofSignature, "The access key is right, and the signature is not its own.", "Another secret key; or a proxy that changes the Host or the path.", keys},
		{"RequestTimeTooSkewed", ofSignature, "The clocks of client and server differ by more than the service allows.", "A machine or a container whose clock stands.", "Set the clock: timedatectl set-ntp true."},
		{"MissingAuthenticationTokenException", ofSignature, "The request is not signed.", "curl without a signature, or an SDK without credentials.", keys + " curl signs with --aws-sigv4."},
		{"MissingAuthenticationToken", ofSignature, "The request is not signed.", "An SDK without credentials.", keys},
		{"IncompleteSignatureException", ofSignature, "The Authorization header can't be read.", "A proxy that changes it, or a hand-written one.", "Let the SDK sign."},
		{"IncompleteSignature", ofSignature, "The Authorization header can't be read.", "A proxy that changes it, or a hand-written one.", "Let the SDK sign."},
		{"AuthorizationHeaderMalformed", ofSignature, "The Authorization header can't be read, or is for another region.", "The region of the client is not that of the server.", "Set AWS_DEFAULT_REGION to the server's (`loglake status` shows it)."},
		{"XAmzContentSHA256Mismatch", ofSignature, "The body is not the one that was signed.", "A proxy that changes bodies.", "Take it out of the way, or use TLS."},
		{"IncompleteBodyException", ofSignature, "The body ended early or its coding is broken.", "A connection that broke, or a proxy.", "Try again."},
		{"MalformedInput", ofSignature, "The form of the request can't be read.", "A hand-written request.", "Let the SDK write it."},
	}
}

//nolint:funlen // one table
func s3Codes() []explanation {
	const again, own = "Try again.", "The client wrote the request wrongly."
	return []explanation{
		{"NoSuchBucket", ofS3, "There is no bucket of that name.", "It was never made; a delivery stream makes none.", "aws s3 mb s3://NAME; a stream that waits for it goes on by itself."},
		{"NoSuchKey", ofS3, "There is no object of that key.", "A misspelling, or it was removed.", "aws s3 ls s3://BUCKET/PREFIX"},
		{"NoSuchUpload", ofS3, "There is no such multi-part upload.", "It was completed or aborted.", "Begin again."},
		{"NoSuchVersion", ofS3, "Objects have no versions here.", "A versionId in the request.", "Leave it out."},
		{"NoSuchTagSet", ofS3, "The bucket has no tags.", "", "Take it as an empty list."},
		{"NoSuchLifecycleConfiguration", ofS3, "The bucket has no lifecycle configuration.", "", "Take it as none."},
		{"NoSuchPublicAccessBlockConfiguration", ofS3, "The bucket has no such configuration.", "", "Take it as none."},
		{"OwnershipControlsNotFoundError", ofS3, "The bucket has no such configuration.", "", "Take it as none."},
		{"ObjectLockConfigurationNotFoundError", ofS3, "The bucket has no such configuration.", "", "Take it as none."},
		{"ReplicationConfigurationNotFoundError", ofS3, "The bucket has no such configuration.", "", "Take it as none."},
		{"BucketAlreadyOwnedByYou", ofS3, "The bucket is there already, and yours.", "It was made before.", "Take it as a success."},
		{"BucketNotEmpty", ofS3, "A bucket with objects is not deleted.", "", "aws s3 rb --force s3://NAME, if it may all go."},
		{"InvalidBucketName", ofS3, "A bucket's name has 3 to 63 of a-z, 0-9, dot and hyphen.", "An upper-case letter or an underscore.", "Choose another name."},
		{"KeyTooLongError", ofS3, "A key has 1,024 bytes at most.", "", "Shorten it."},
		{"AccessDenied", ofS3, "The request is not signed, its time is over, or it is not allowed.", "A request without credentials, or an old presigned URL.", "Sign it; make a new URL."},
		{"PreconditionFailed", ofS3, "A condition of the request (If-Match, If-None-Match) does not hold.", "Somebody else wrote the object.", "Read it again."},
		{"NotModified", ofS3, "The object is the one that the client has.", "", "Use that."},
		{"InvalidRange", ofS3, "The range lies beyond the object's end.", "", "Ask for its size first."},
		{"BadDigest", ofS3, "The bytes have not the checksum that was sent with them.", "The bytes changed on the way.", again},
		{"InvalidDigest", ofS3, "The checksum can't be read.", own, "See the message."},
		{"IncompleteBody", ofS3, "The body ended early.", "A connection that broke.", again},
		{"MissingContentLength", ofS3, "The request does not say how long its body is.", own, "Send Content-Length."},
		{"EntityTooLarge", ofS3, "An object or part has 5 GiB at most in one request.", "", "Use a multi-part upload."},
		{"EntityTooSmall", ofS3, "Every part but the last has 5 MiB at least.", "", "Upload larger parts."},
		{"InvalidPart", ofS3, "A part that is to be put together is not there.", "It was not uploaded, or its ETag is another's.", "Upload it again."},
		{"InvalidPartOrder", ofS3, "Parts are to be listed by their numbers.", own, "Sort them."},
		{"MetadataTooLarge", ofS3, "User metadata has 2 KB at most.", "", "Store it in the object."},
		{"MaxMessageLengthExceeded", ofS3, "The request's document is too long.", "", "Split it."},
		{"MalformedXML", ofS3, "The document of the request can't be read.", own, "See S3's description of the operation."},
		{"MalformedTrailerError", ofS3, "What follows the body can't be read.", own, again},
		{"InvalidArgument", ofS3, "A member of the request is wrong; the message says which.", "", "See the message."},
		{"InvalidRequest", ofS3, "The request can't be right; the message says why.", "", "See the message."},
		{"InvalidTag", ofS3, "A tag is wrong.", "", "See the message."},
		{"BadRequest", ofS3, "The request can't be read.", own, "See the message."},
		{"IllegalLocationConstraintException", ofS3, "The bucket is to lie in another region than the server's.", "LocationConstraint differs from the region.", "Leave it out, or set the region to the server's."},
		{"MethodNotAllowed", ofS3, "This can't be done to what is named.", "", "See S3's description of the operation."},
		{"NotImplemented", ofS3, "The operation or a header of it is not built in loglake; nothing was done.", "", "Do without it."},
		{"SlowDown", ofS3, "The server can't take it now; nothing was stored.", "The disk that holds the buckets is full.", "Free space; clients try again by themselves."},
		{"InternalError", ofS3, "A failure of the server.", "A defect, or a disk that fails.", "The server's log says more."},
	}
}
