module portcullis.test/reader

go 1.25
